#pragma once

#include "base/unicode.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace typecase {

/// The classes of 64 bytes of text, one bit a byte, the lowest bit the first byte. All bytes of a
/// character have its class; every byte belongs to exactly one of letter, number, space, other and
/// cjk. Bytes behind the end of the text are space.
struct ClassBits {
  std::uint64_t letter = 0;
  std::uint64_t upper = 0;  ///< letters of category Lu or Lt
  std::uint64_t number = 0;
  std::uint64_t space = 0;    ///< White_Space
  std::uint64_t newline = 0;  ///< of the spaces: CR and LF
  std::uint64_t blank = 0;    ///< of the spaces: U+0020
  std::uint64_t other = 0;
  std::uint64_t cjk = 0;         ///< what DeepSeek's pattern treats apart; see ClassRules
  std::uint64_t apostrophe = 0;  ///< of the others: U+0027
  std::uint64_t wide = 0;        ///< bytes of characters beyond ASCII
  std::uint64_t inner = 0;       ///< … all but their first
};

/// 一-龥 ぀-ゟ ゠-ヿ: what DeepSeek's patterns treat apart.
constexpr bool is_cjk(char32_t c) noexcept {
  return (c >= 0x4E00 && c <= 0x9FA5) || (c >= 0x3040 && c <= 0x30FF);
}

/// What a family of patterns means by its classes, beyond ASCII.
struct ClassRules {
  unicode::Set letters = unicode::kL;
  bool separates_cjk = false;  ///< ideographs and kana are cjk, whatever else they are
  unicode::Set odd = 0;        ///< characters that the family's bit rules do not cover …
  bool odd_unknown = false;    ///< … and those without any of the classes L M N P S and space
};

/// Replaces `out` by the classes of `text`: one row for each 64 bytes or part of them, with an
/// empty row in front (nothing precedes the text) and a row of spaces behind. False when the text
/// holds an odd character; `out` is then unfinished.
///
/// 64 ASCII bytes are classified at once; the others one character at a time.
/// REQUIRES: `text` is valid UTF-8.
bool classify(std::string_view text, const ClassRules& rules, std::vector<ClassBits>& out);

}  // namespace typecase
