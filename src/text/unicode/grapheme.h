#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Extended grapheme clusters: UAX #29, rules GB3 to GB13.
namespace typecase::unicode {

/// Where the cluster that begins at byte `at` ends.
/// REQUIRES: valid UTF-8, at < text.size(), `at` begins a cluster.
std::size_t end_of_grapheme(std::string_view text, std::size_t at) noexcept;

namespace tables {
extern const std::uint16_t kGraphemeBlocks[];  // of 128 code points
extern const std::uint8_t kGraphemeClasses[];  // low half: class; then four flags
extern const std::size_t kGraphemeBlocksSize, kGraphemeClassesSize;
}  // namespace tables

}  // namespace typecase::unicode
