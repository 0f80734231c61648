#pragma once

#include "decode/processor.h"

namespace typecase {

/// Ours, not the reference's.  Keeps the tokens within n standard deviations of the best:
///     s_i < max s − n · σ  is cut,      σ² = mean (s − mean s)² .
/// Tang et al. 2024, "Top-nσ: Not All Logits Are You Need", arXiv:2411.07641.
///
/// Scores of −∞ are not counted. The set does not depend on the temperature, because both sides of
/// the rule are divided by it. Acts right after temperature.   REQUIRES: n > 0.
class TopNSigma : public Processor {
 public:
  explicit TopNSigma(double n) : n_(n) {}
  std::string_view name() const override { return "top_n_sigma"; }
  void apply(std::span<float> scores, const ScoreRow&) override;

 private:
  double n_;
};

}  // namespace typecase
