#pragma once

#include <cstddef>
#include <cstdint>

/// Sorted tables behind characters.h.
namespace typecase::chat::table {

struct Range {
  char32_t first, last;
};

/// Every `step`-th of first … last becomes itself plus delta.
struct Run {
  char32_t first, last;
  std::uint32_t step;
  std::int32_t delta;
};

/// A character that becomes several; unused places are 0.
struct Longer {
  char32_t from;
  char32_t to[3];
};

#define TYPECASE_SET(name)   \
  extern const Range name[]; \
  extern const std::size_t name##Size;
TYPECASE_SET(kSpace)
TYPECASE_SET(kAlpha)
TYPECASE_SET(kDecimal)
TYPECASE_SET(kDigit)
TYPECASE_SET(kNumeric)
TYPECASE_SET(kLower)
TYPECASE_SET(kUpper)
TYPECASE_SET(kTitle)
TYPECASE_SET(kCaseIgnorable)
TYPECASE_SET(kPrintable)
TYPECASE_SET(kIdentifierStart)
TYPECASE_SET(kIdentifierPart)
#undef TYPECASE_SET

#define TYPECASE_MAP(name)             \
  extern const Run name[];             \
  extern const std::size_t name##Size; \
  extern const Longer name##Longer[];  \
  extern const std::size_t name##LongerSize;
TYPECASE_MAP(kToUpper)
TYPECASE_MAP(kToLower)
TYPECASE_MAP(kToTitle)
TYPECASE_MAP(kToFolded)
#undef TYPECASE_MAP

}  // namespace typecase::chat::table
