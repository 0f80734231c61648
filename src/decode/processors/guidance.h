#pragma once

#include "decode/processor.h"
#include "decode/stepper.h"

#include <functional>

namespace typecase {

/// Classifier-free guidance:  s ← u + g · (log p(s) − u) ,  u = log p of the same model that saw
/// the negative prompt instead of the prompt, and everything generated.
/// Sanchez et al. 2023, arXiv:2306.17806.
///
/// Keeps the state of that second run: apply_all() is called once a step with all rows.
class Guidance : public Processor {
 public:
  /// `unconditional` holds the negative prompts, not computed yet: one per prompt, of which
  /// `rows_per_prompt` rows are made. `round` rounds u to the model's dtype (empty: float32).
  Guidance(double scale, Stepper& unconditional, std::size_t rows_per_prompt,
           std::function<void(std::span<float>)> round)
      : scale_(static_cast<float>(scale)),
        unconditional_(unconditional),
        rows_per_prompt_(rows_per_prompt),
        round_(std::move(round)) {}
  std::string_view name() const override { return "guidance_scale"; }
  void apply(std::span<float> scores, const ScoreRow& row) override;
  void apply_all(std::span<float> scores, std::span<const ScoreRow> rows) override;
  void reorder(std::span<const std::size_t> parents) override { unconditional_.select(parents); }

 private:
  float scale_;
  Stepper& unconditional_;
  std::size_t rows_per_prompt_;
  std::function<void(std::span<float>)> round_;
  bool started_ = false;
};

}  // namespace typecase
