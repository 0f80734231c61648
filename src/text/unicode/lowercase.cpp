#include "text/unicode/lowercase.h"

#include <algorithm>
#include <span>

namespace typecase::unicode {

char32_t lowercase(char32_t c) noexcept {
  if (c < 0x80) return c - U'A' < 26 ? c + 32 : c;
  if (c == kDottedI) return U'i';
  const std::span upper(tables::kUpper, tables::kUpperSize);
  const auto found = std::ranges::lower_bound(upper, c);
  return found != upper.end() && *found == c ? tables::kLower[found - upper.begin()] : c;
}

}  // namespace typecase::unicode
