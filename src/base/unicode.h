#pragma once

#include <cstdint>

/// What the reference's tokenizer library knows of each code point.
///
/// One record a code point, in a two-stage table written by tools/make_unicode_tables.py. The
/// general categories are those of its regular expressions (Unicode 16.0); the sets after them
/// follow older or newer tables, each named by the component that asks.
namespace typecase::unicode {

using Set = std::uint64_t;

inline constexpr Set bit(int n) { return Set{1} << n; }

inline constexpr Set kLu = bit(0), kLl = bit(1), kLt = bit(2), kLm = bit(3), kLo = bit(4);
inline constexpr Set kMn = bit(5), kMc = bit(6), kMe = bit(7);
inline constexpr Set kNd = bit(8), kNl = bit(9), kNo = bit(10);
inline constexpr Set kPunctuationBits = 0x7full << 11;  // Pc Pd Ps Pe Pi Pf Po
inline constexpr Set kSymbolBits = 0xfull << 18;        // Sm Sc Sk So
inline constexpr Set kL = kLu | kLl | kLt | kLm | kLo;
inline constexpr Set kM = kMn | kMc | kMe;
inline constexpr Set kN = kNd | kNl | kNo;
inline constexpr Set kP = kPunctuationBits;
inline constexpr Set kS = kSymbolBits;
inline constexpr Set kWhiteSpace = bit(29);
inline constexpr Set kNumeric = bit(30);      ///< what the pre-tokenizer Digits cuts at
inline constexpr Set kPunctuation = bit(31);  ///< what Punctuation and BertPreTokenizer cut at
inline constexpr Set kWord = bit(32);         ///< \w of Whitespace and of single_word tokens
inline constexpr Set kBertDropped = bit(33);  ///< removed by BertNormalizer's clean_text
inline constexpr Set kBertAccent = bit(34);   ///< removed by BertNormalizer's strip_accents
inline constexpr Set kAccent = bit(35);       ///< removed by StripAccents

namespace tables {
extern const std::uint64_t kRecords[];
extern const std::uint16_t kBlocks[];  // of 128 code points
extern const std::uint8_t kRecordOf[];
}  // namespace tables

/// The sets `c` belongs to.   REQUIRES: c ≤ U+10FFFF.
inline Set sets_of(char32_t c) noexcept {
  return tables::kRecords[tables::kRecordOf[tables::kBlocks[c >> 7] * 128u + (c & 127)]];
}
inline bool is(char32_t c, Set sets) noexcept { return (sets_of(c) & sets) != 0; }

}  // namespace typecase::unicode
