#include "text/protobuf.h"

#include <typecase/error.h>

#include <cstring>
#include <string>

namespace typecase {
namespace {

Error at(std::uint64_t offset, const std::string& message) {
  return Error(Code::bad_file, message, {.file = {}, .offset = offset, .line = {}, .key = {}});
}

}  // namespace

std::uint64_t ProtoReader::varint() {
  std::uint64_t out = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (at_ == message_.size()) {
      throw at(offset_ + at_, "the message ends inside a number; was the download complete?");
    }
    const auto byte = static_cast<unsigned char>(message_[at_++]);
    out |= std::uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return out;
  }
  throw at(offset_ + at_, "a number has more than ten bytes");
}

std::string_view ProtoReader::take(std::uint64_t size) {
  if (size > message_.size() - at_) {
    throw at(offset_ + begin_, "field " + std::to_string(field_) + " has " + std::to_string(size) +
                                   " bytes, of which " + std::to_string(message_.size() - at_) +
                                   " are there; was the download complete?");
  }
  const auto out = message_.substr(at_, static_cast<std::size_t>(size));
  at_ += out.size();
  return out;
}

bool ProtoReader::next() {
  begin_ = at_;
  if (at_ == message_.size()) return false;
  const std::uint64_t key = varint();
  if (key >> 3 == 0 || key >> 32 != 0) {
    throw at(offset_ + begin_, "the field number " + std::to_string(key >> 3) + " is none");
  }
  field_ = static_cast<std::uint32_t>(key >> 3);
  value_ = {};
  switch (key & 7) {
    case kVarint:
      number_ = varint();
      break;
    case kFixed64:
      value_ = take(8);
      break;
    case kBytes: {
      const std::uint64_t size = varint();
      value_ = take(size);
      break;
    }
    case kFixed32:
      value_ = take(4);
      break;
    default:
      throw at(offset_ + begin_, "field " + std::to_string(field_) + " has the unknown type " +
                                     std::to_string(key & 7) + "; is this a protobuf file?");
  }
  wire_ = static_cast<Wire>(key & 7);
  return true;
}

void ProtoReader::require(Wire wire) const {
  if (wire_ == wire) return;
  throw at(offset(), "field " + std::to_string(field_) + " has the type " + std::to_string(wire_) +
                         ", expected " + std::to_string(wire));
}

std::uint64_t ProtoReader::integer() const {
  require(kVarint);
  return number_;
}

std::int32_t ProtoReader::int32() const {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(integer()));
}

float ProtoReader::float32() const {
  require(kFixed32);
  std::uint32_t bits = 0;
  for (std::size_t i = 4; i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(value_[i]);
  return std::bit_cast<float>(bits);
}

std::string_view ProtoReader::bytes() const {
  require(kBytes);
  return value_;
}

}  // namespace typecase
