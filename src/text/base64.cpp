#include "text/base64.h"

#include <typecase/error.h>

#include <cstdint>

namespace typecase {
namespace {

int digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

}  // namespace

std::string decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) {
    throw Error(Code::bad_file, "base64 comes in groups of 4 characters, found " +
                                    std::to_string(text.size()) + " characters");
  }
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::uint32_t group = 0;
    int padding = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
      const bool may_pad = at + 4 == text.size() && i >= at + 2;
      const int digit = digit_of(text[i]);
      if (digit < 0 && !(may_pad && text[i] == '=')) {
        throw Error(Code::bad_file, "the character " + std::to_string(i) + " of the base64 text, " +
                                        quote(text.substr(i, 1)) + ", is no digit");
      }
      if (digit >= 0 && padding > 0) {
        throw Error(Code::bad_file, "base64 padding stands in front of a digit");
      }
      padding += digit < 0;
      group = group << 6 | static_cast<std::uint32_t>(digit < 0 ? 0 : digit);
    }
    for (int byte = 0; byte < 3 - padding; ++byte) {
      out += static_cast<char>(group >> (16 - 8 * byte) & 255);
    }
  }
  return out;
}

}  // namespace typecase
