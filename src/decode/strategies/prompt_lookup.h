#pragma once

#include "decode/effective_config.h"
#include "decode/processor.h"
#include "decode/strategies/drafter.h"

namespace typecase {

/// Prompt lookup: guesses that the text goes on as it did after an earlier occurrence of its last
/// n tokens,
///
///     y_{t−n+1 … t} = y_{j−n+1 … j} ,  j < t   ⇒   draft = y_{j+1 … j+m} ,
///
/// n from max_matching_ngram_size down to 1, the leftmost j first; m = prompt_lookup_num_tokens.
/// A draft ends before a token that the processors forbid, and before an end token.
/// Saxena 2023, github.com/apoorvumang/prompt-lookup-decoding.
class PromptLookup final : public Drafter {
 public:
  /// REQUIRES: the arguments outlive this object.
  PromptLookup(const EffectiveConfig& config, const Processors& processors, std::size_t vocabulary)
      : config_(config), processors_(processors), vocabulary_(vocabulary) {}
  Draft draft(const Tokens& ids) override;

 private:
  std::size_t allowed(const Tokens& ids, std::span<const TokenId> tokens) const;

  const EffectiveConfig& config_;
  const Processors& processors_;
  std::size_t vocabulary_;
};

}  // namespace typecase
