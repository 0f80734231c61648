#pragma once

#include "decode/processor.h"

namespace typecase {

/// For every distinct token of the row:  s < 0 ? s · penalty : s / penalty.
/// Keskar et al. 2019, arXiv:1909.05858.
///
/// Prompt and generated tokens count. The masked slots in front of a prompt do not: `padding[p]`
/// is how many prompt p starts with. Ids outside the vocabulary are ignored.
class RepetitionPenalty : public Processor {
 public:
  RepetitionPenalty(double penalty, std::vector<std::size_t> padding)
      : penalty_(static_cast<float>(penalty)), padding_(std::move(padding)) {}
  std::string_view name() const override { return "repetition_penalty"; }
  void apply(std::span<float> scores, const ScoreRow& row) override;

 private:
  float penalty_;
  std::vector<std::size_t> padding_;  // [prompts]
};

/// The same rule with 1/penalty over the ids of the prompt, padding included: a penalty above 1
/// raises the tokens of the prompt.
class EncoderRepetitionPenalty : public Processor {
 public:
  EncoderRepetitionPenalty(double penalty, std::vector<Tokens> prompts)
      : penalty_(static_cast<float>(1 / penalty)), prompts_(std::move(prompts)) {}
  std::string_view name() const override { return "encoder_repetition_penalty"; }
  void apply(std::span<float> scores, const ScoreRow& row) override;

 private:
  float penalty_;
  std::vector<Tokens> prompts_;
};

}  // namespace typecase
