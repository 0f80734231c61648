#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Hand-made scanners for the split patterns in wide use.
///
/// Each function gives the end of the match that begins at `at`; every one of these patterns
/// matches at every position, so matches tile the text. They are linear and keep no state.
/// REQUIRES: `text` is valid UTF-8, at < text.size(), `at` starts a character.
namespace typecase::scanners {

/// R1, GPT-2:  's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
std::size_t gpt2(std::string_view text, std::size_t at) noexcept;

/// R2, Llama 3:  (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}
///               | ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
std::size_t llama3(std::string_view text, std::size_t at) noexcept;

/// R3, Qwen 2 to 3: R2 with \p{N} for \p{N}{1,3}.
std::size_t qwen2(std::string_view text, std::size_t at) noexcept;

}  // namespace typecase::scanners
