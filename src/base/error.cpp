#include "base/utf8.h"

#include <typecase/error.h>

#include <utility>

namespace typecase {
namespace {

std::string describe(const std::string& message, const Place& place) {
  std::string out;
  if (!place.file.empty()) {
    out += place.file;
    if (place.line) out += ":" + std::to_string(*place.line);
    out += ": ";
  }
  if (!place.key.empty()) out += place.key + ": ";
  out += message;
  if (place.file.empty() && place.line) out += " (line " + std::to_string(*place.line) + ")";
  if (place.offset) out += " (at byte " + std::to_string(*place.offset) + ")";
  return out;
}

}  // namespace

Error::Error(Code code, std::string message, Place place)
    : code_(code),
      message_(std::move(message)),
      place_(std::move(place)),
      what_(describe(message_, place_)) {}

Error Error::at(const Place& outer) const {
  Place place = place_;
  if (place.file.empty()) place.file = outer.file;
  if (!place.offset) place.offset = outer.offset;
  if (!place.line) place.line = outer.line;
  if (place.key.empty()) place.key = outer.key;
  return Error(code_, message_, std::move(place));
}

int exit_code(Code code) noexcept {
  switch (code) {
    case Code::invalid_argument:
      return 2;
    case Code::not_found:
      return 3;
    case Code::access_denied:
      return 4;
    case Code::network:
      return 5;
    case Code::bad_file:
    case Code::unsupported:
    case Code::limit:
      return 6;
    case Code::io:
    case Code::out_of_memory:
      return 7;
    case Code::mismatch:
      return 8;
    case Code::interrupted:
      return 130;
    case Code::failed:
      return 1;
  }
  return 1;
}

std::string_view batch_name(Code code) noexcept {
  switch (code) {
    case Code::invalid_argument:
      return "invalid_argument";
    case Code::unsupported:
      return "unsupported";
    case Code::limit:
      return "limit";
    default:
      return "failed";
  }
}

std::string quote(std::string_view text) {
  constexpr std::size_t kLongest = 200;
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "'";
  for (std::size_t i = 0; i < text.size();) {
    if (out.size() > kLongest - 8) return out + "…'";
    const Utf8Char c = decode_utf8(text, i);
    const auto byte = static_cast<unsigned char>(text[i]);
    if (!c.valid || byte < 0x20 || byte == 0x7f) {
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
      i += 1;
    } else {
      if (byte == '\'' || byte == '\\') out += '\\';
      out.append(text.substr(i, c.size));
      i += c.size;
    }
  }
  return out + "'";
}

}  // namespace typecase
