#include "sizes.h"

#include <cstdio>
#include <iterator>

namespace typecase::cli {

std::string bytes_for_people(std::int64_t bytes) {
  constexpr const char* kUnits[] = {" B", " kB", " MB", " GB", " TB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.95 && unit + 1 < std::size(kUnits)) value /= 1000, unit += 1;
  if (unit == 0) return std::to_string(bytes) + kUnits[0];
  char text[32];
  std::snprintf(text, sizeof text, "%.1f%s", value, kUnits[unit]);
  return text;
}

}  // namespace typecase::cli
