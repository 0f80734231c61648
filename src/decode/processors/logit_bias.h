#pragma once

#include "decode/processor.h"

#include <utility>

namespace typecase {

/// Ours, not the reference's:  s_i ← s_i + b_i  for the tokens of a list, whatever stands before
/// them; a token listed twice gets both. OpenAI's API reference, `logit_bias`. (The reference's
/// sequence_bias looks at the tokens before, and adds once.)
///
/// Acts after the reference's penalties and n-gram bans, before what forbids or forces.
/// REQUIRES: 0 ≤ id < vocabulary.
class LogitBias : public Processor {
 public:
  explicit LogitBias(std::vector<std::pair<TokenId, double>> biases) : biases_(std::move(biases)) {}
  std::string_view name() const override { return "logit_bias"; }
  void apply(std::span<float> scores, const ScoreRow&) override {
    for (const auto& [id, bias] : biases_) {
      scores[static_cast<std::size_t>(id)] += static_cast<float>(bias);
    }
  }

 private:
  std::vector<std::pair<TokenId, double>> biases_;
};

}  // namespace typecase
