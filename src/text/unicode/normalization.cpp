#include "text/unicode/normalization.h"

#include <algorithm>
#include <span>

namespace typecase::unicode {
namespace {

std::uint8_t record_of(char32_t c) noexcept {
  return tables::kNormalizationRecords[tables::kNormalizationBlocks[c >> 7] * 128u + (c & 127)];
}

std::u32string_view look_up(std::span<const char32_t> keys, const std::uint32_t* words,
                            char32_t c) noexcept {
  const auto found = std::ranges::lower_bound(keys, c);
  if (found == keys.end() || *found != c) return {};
  const std::uint32_t word = words[found - keys.begin()];
  return {tables::kDecomposed + (word >> 8), word & 255};
}

}  // namespace

std::uint8_t combining_class(char32_t c) noexcept { return tables::kCombiningClass[record_of(c)]; }

bool is_affected(char32_t c, Form form) noexcept {
  return (tables::kNormalizationFlags[record_of(c)] >> static_cast<int>(form) & 1) != 0;
}

std::u32string_view decomposition(char32_t c, Form form) noexcept {
  if (form == Form::nfkc || form == Form::nfkd) {
    const auto word = look_up({tables::kCompatibilityKeys, tables::kCompatibilityKeysSize},
                              tables::kCompatibilityWords, c);
    if (!word.empty()) return word;
  }
  return look_up({tables::kCanonicalKeys, tables::kCanonicalKeysSize}, tables::kCanonicalWords, c);
}

char32_t compose(char32_t first, char32_t second) noexcept {
  if (first - kHangulL < kHangulLs && second - kHangulV < kHangulVs) {
    return kHangulBase + ((first - kHangulL) * kHangulVs + (second - kHangulV)) * kHangulTs;
  }
  if (first - kHangulBase < kHangulSyllables && (first - kHangulBase) % kHangulTs == 0 &&
      second - kHangulT - 1 < kHangulTs - 1) {
    return first + (second - kHangulT);
  }
  const std::uint64_t pair = std::uint64_t{first} << 32 | second;
  const std::span pairs(tables::kComposedPairs, tables::kComposedPairsSize);
  const auto found = std::ranges::lower_bound(pairs, pair);
  return found != pairs.end() && *found == pair ? tables::kComposed[found - pairs.begin()] : 0;
}

}  // namespace typecase::unicode
