#pragma once

#include <cstddef>

/// Lower case, character by character: Unicode 17.0, no language's exceptions, no final sigma.
namespace typecase::unicode {

/// U+0130 is the one character that becomes two: this one and U+0307.
inline constexpr char32_t kDottedI = 0x130;

/// The lower case of `c`, `c` itself when it has none.   For kDottedI: i.
char32_t lowercase(char32_t c) noexcept;

namespace tables {
extern const char32_t kUpper[], kLower[];
extern const std::size_t kUpperSize, kLowerSize;
}  // namespace tables

}  // namespace typecase::unicode
