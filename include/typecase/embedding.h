#pragma once

#include <typecase/token.h>

#include <cstdint>
#include <optional>
#include <string>

namespace typecase {

/// How the vectors h of a text's tokens become one:
///     mean: Σ h / n      cls: the first token's      max: the largest of each dimension
///     mean_sqrt_len: Σ h / √n
enum class Pooling : std::uint8_t { mean, cls, max, mean_sqrt_len };

/// What Model::embed() does; unset fields are those of the checkpoint's own module files
/// (modules.json and what it names), else mean pooling, normalised.
struct EmbedOptions {
  std::optional<Pooling> pooling{};
  std::optional<bool> normalize{};  ///< divide by the length √Σ x²
  std::int64_t max_length = 0;      ///< tokens of a text, special ones counted; 0: the files'
};

/// One word that may stand behind a mask.
struct MaskedWord {
  float score = 0;  ///< its probability
  TokenId token = 0;
  std::string token_str{};  ///< the token's text
  std::string sequence{};   ///< the whole text with it
};

}  // namespace typecase
