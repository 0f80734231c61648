#pragma once

#include <typecase/utf8.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace typecase {

/// U+FFFD, what an undecodable byte becomes.
inline constexpr char32_t kReplacement = 0xFFFD;

/// One step of decoding.
struct Utf8Char {
  char32_t code_point;  ///< kReplacement when not valid
  std::size_t size;     ///< bytes consumed; when not valid, the maximal invalid part (WHATWG)
  bool valid;
  bool truncated;  ///< not valid only because the text ended inside a character
};

/// The character that starts at byte `at`.   REQUIRES: at < text.size().
/// Surrogates, overlong forms and values above U+10FFFF are invalid.
Utf8Char decode_utf8(std::string_view text, std::size_t at) noexcept;

void append_utf8(std::string& out, char32_t code_point);

/// How many code points valid text has.
std::size_t count_code_points(std::string_view text) noexcept;

}  // namespace typecase
