#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Decomposition and composition as the reference's library knows them: Unicode 9.0, so marks that
/// came later have class 0.  UAX #15.  Tables by tools/make_text_tables.py.
namespace typecase::unicode {

enum class Form { nfc = 0, nfd = 1, nfkc = 2, nfkd = 3 };

std::uint8_t combining_class(char32_t c) noexcept;

/// Whether `c` can change, move or compose with what is before it. Text in which no character does
/// is in the form already.
bool is_affected(char32_t c, Form form) noexcept;

/// The full decomposition of `c`, empty when it has none. Hangul syllables are left to the caller.
std::u32string_view decomposition(char32_t c, Form form) noexcept;

/// What `first` and `second` become together, 0 when nothing. Knows Hangul.
char32_t compose(char32_t first, char32_t second) noexcept;

inline constexpr char32_t kHangulBase = 0xAC00, kHangulL = 0x1100, kHangulV = 0x1161,
                          kHangulT = 0x11A7;
inline constexpr char32_t kHangulLs = 19, kHangulVs = 21, kHangulTs = 28;
inline constexpr char32_t kHangulSyllables = kHangulLs * kHangulVs * kHangulTs;

namespace tables {
extern const std::uint8_t kCombiningClass[], kNormalizationFlags[], kNormalizationRecords[];
extern const std::uint16_t kNormalizationBlocks[];  // of 128 code points
extern const char32_t kCanonicalKeys[], kCompatibilityKeys[], kDecomposed[], kComposed[];
extern const std::uint32_t kCanonicalWords[], kCompatibilityWords[];  // place · 256 + length
extern const std::uint64_t kComposedPairs[];
extern const std::size_t kCombiningClassSize, kNormalizationFlagsSize, kNormalizationRecordsSize,
    kNormalizationBlocksSize, kCanonicalKeysSize, kCompatibilityKeysSize, kDecomposedSize,
    kComposedSize, kCanonicalWordsSize, kCompatibilityWordsSize, kComposedPairsSize;
}  // namespace tables

}  // namespace typecase::unicode
