#pragma once

#include <typecase/model.h>

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace typecase {

/// A language model written down as a table of conditional probabilities, for teaching: small
/// enough to check every number by hand, run by the same strategies as a real one.
///
///     { "typecase_toy": 1,
///       "words":  ["The", "cat", "dog", "sat"],        token i is words[i]
///       "prompt": "The",                               optional
///       "defaults": {"max_new_tokens": 2},             optional: generation fields
///       "next": { "The":     {"cat": 0.6, "dog": 0.4},
///                 "The cat": {"sat": 1.0},
///                 "dog":     {"sat": 1.0} } }
///
/// What follows a text is given by the longest key of `next` that the text ends with; the key ""
/// fits every text. Words that a row does not name have probability 0.
class ToyModel {
 public:
  /// Throws Error(bad_file) naming the key that is wrong, Error(limit), and what reading throws.
  static ToyModel from_file(const std::string& path);
  static ToyModel from_json(const Json& json);

  const std::vector<std::string>& words() const noexcept { return words_; }
  const std::string& prompt() const noexcept { return prompt_; }  ///< "" when the file has none
  const GenerationConfig& defaults() const noexcept { return defaults_; }

  /// Words between spaces. Throws Error(invalid_argument) naming a word the table does not have.
  Tokens encode(std::string_view text) const;

  /// ln p of every word after `ids`. Throws Error(invalid_argument) when no row fits.
  std::span<const float> logits_after(std::span<const TokenId> ids) const;

  /// As Model::generate(). Stop strings and guidance need a real model: Error(unsupported).
  GenerateResult generate(const GenerateRequest& request) const;

 private:
  ToyModel() = default;
  TokenId id_of(std::string_view word, std::string_view where) const;
  std::vector<float> row_of(const Json& probabilities, const std::string& context) const;

  std::vector<std::string> words_{};
  std::string prompt_{};
  GenerationConfig defaults_{};
  std::map<Tokens, std::vector<float>> next_{};  // context → logits [words]
};

}  // namespace typecase
