#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace typecase {

/// Walks over the fields of a protobuf message (protobuf.dev/programming-guides/encoding), bounded
/// by the message's bytes. Groups, which nobody writes any more, are refused.
///
///     for (ProtoReader m(bytes, 0); m.next();) if (m.field() == 1) use(m.bytes());
///
/// Throws Error(bad_file) with the offset in the file for what is malformed or of another type.
class ProtoReader {
 public:
  /// `offset`: where `message` begins in the file.
  ProtoReader(std::string_view message, std::uint64_t offset)
      : message_(message), offset_(offset) {}

  /// Steps to the next field; false at the end of the message.
  bool next();

  std::uint32_t field() const noexcept { return field_; }
  std::uint64_t offset() const noexcept { return offset_ + begin_; }  ///< of the field

  std::uint64_t integer() const;  ///< an integer, an enumeration or a boolean
  std::int32_t int32() const;     ///< its low 32 bits, as protobuf reads int32
  float float32() const;
  std::string_view bytes() const;  ///< a text, bytes, or a message inside
  std::uint64_t bytes_offset() const noexcept { return offset_ + at_ - value_.size(); }

 private:
  enum Wire : std::uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
  std::uint64_t varint();
  std::string_view take(std::uint64_t size);
  void require(Wire wire) const;

  std::string_view message_;
  std::uint64_t offset_;
  std::size_t begin_ = 0;  // of the field
  std::size_t at_ = 0;     // behind what has been read
  std::uint32_t field_ = 0;
  Wire wire_ = kVarint;
  std::uint64_t number_ = 0;
  std::string_view value_;
};

}  // namespace typecase
