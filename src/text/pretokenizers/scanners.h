#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Hand-made scanners for the split patterns in wide use.
///
/// Each function gives the end of the match that begins at `at`; every one of these patterns
/// matches at every position, so matches tile the text (DeepSeek's leaves gaps, which are pieces
/// too: it then gives the end of the gap). They are linear and keep no state.
/// REQUIRES: `text` is valid UTF-8, at < text.size(), `at` starts a character.
namespace typecase::scanners {

/// R1, GPT-2:  's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
std::size_t gpt2(std::string_view text, std::size_t at) noexcept;

/// R2, Llama 3:  (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}
///               | ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
std::size_t llama3(std::string_view text, std::size_t at) noexcept;

/// R3, Qwen 2 to 3: R2 with \p{N} for \p{N}{1,3}.
std::size_t qwen2(std::string_view text, std::size_t at) noexcept;

/// R3.5, Qwen 3.5: R3 with [\p{L}\p{M}]+ for the letters, ` ?[^\s\p{L}\p{M}\p{N}]+` for the rest.
std::size_t qwen35(std::string_view text, std::size_t at) noexcept;

/// R4, gpt-oss and Llama 4.  With U = [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}], W =
/// [\p{Ll}\p{Lm}\p{Lo}\p{M}] and C = (?i:'s|'t|'re|'ve|'m|'ll|'d):
///     [^\r\n\p{L}\p{N}]?U*W+C?|[^\r\n\p{L}\p{N}]?U+W*C?|\p{N}{1,3}
///     | ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
std::size_t o200k(std::string_view text, std::size_t at) noexcept;

/// Mistral's Tekken: R4 without C and with \p{N} for \p{N}{1,3}.
std::size_t tekken(std::string_view text, std::size_t at) noexcept;

/// R5, DeepSeek V3: three splits one after the other, here as one:
///     \p{N}{1,3}     [一-龥぀-ゟ゠-ヿ]+
///     [!-/:-@\[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+ |
///     ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
std::size_t deepseek_v3(std::string_view text, std::size_t at) noexcept;

/// The length of 's 't 're 've 'm 'll 'd at `at`, which holds the apostrophe; 0 when none is there.
std::size_t contraction(std::string_view text, std::size_t at) noexcept;

/// The same without regard to case; U+017F folds to s, as the reference's engine has it.
std::size_t folded_contraction(std::string_view text, std::size_t at) noexcept;

}  // namespace typecase::scanners
