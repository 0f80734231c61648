#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The named classes of the reference's regular expressions (Unicode 16.0).
namespace typecase::unicode {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

/// The code points of a general category, script or binary property by its name, in which case,
/// spaces, '-' and '_' do not count; of a POSIX class as "posix:alpha". Nothing for unknown names.
std::optional<std::vector<Range>> property(std::string_view name);

namespace tables {
struct Property {
  std::string_view name;  // in order
  std::uint32_t begin;    // of its ranges
  std::uint32_t count;
};
extern const Property kProperties[];
extern const std::uint32_t kPropertyRanges[];  // pairs
extern const std::size_t kPropertiesSize, kPropertyRangesSize;
}  // namespace tables

}  // namespace typecase::unicode
