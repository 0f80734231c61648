#pragma once

#include <cstddef>
#include <cstdint>

/// Scripts as the pre-tokenizer UnicodeScripts sees them.
namespace typecase::unicode {

/// Characters of one script have one number; 0 goes with every script (the space among them).
std::uint8_t script_of(char32_t c) noexcept;

namespace tables {
extern const std::uint16_t kScriptBlocks[];  // of 128 code points
extern const std::uint8_t kScriptNumbers[];
extern const std::size_t kScriptBlocksSize, kScriptNumbersSize;
}  // namespace tables

inline std::uint8_t script_of(char32_t c) noexcept {
  return tables::kScriptNumbers[tables::kScriptBlocks[c >> 7] * 128u + (c & 127)];
}

}  // namespace typecase::unicode
