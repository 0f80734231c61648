#pragma once

#include "decode/processor.h"

#include <cmath>

namespace typecase {

/// From the length `start` (prompt included) on, each end token is raised more and more:
///     s ← s + |s| · (factor^(length − start) − 1) .
/// A score that is not finite stays.
class ExponentialDecay : public Processor {
 public:
  ExponentialDecay(std::int64_t start, double factor, Tokens eos)
      : start_(start), factor_(factor), eos_(std::move(eos)) {}
  std::string_view name() const override { return "exponential_decay_length_penalty"; }
  void apply(std::span<float> scores, const ScoreRow& row) override {
    const auto length = static_cast<std::int64_t>(row.ids.size());
    if (length <= start_) return;
    const double power = std::pow(factor_, static_cast<double>(length - start_));
    const auto raise = static_cast<float>(power - 1);
    for (float& s : scores) s += 0.0f;  // the others are raised by 0, which makes −0 a +0
    for (const TokenId id : eos_) {
      if (id < 0 || static_cast<std::size_t>(id) >= scores.size()) continue;
      float& s = scores[static_cast<std::size_t>(id)];
      if (std::isfinite(s)) s += std::abs(s) * raise;
    }
  }

 private:
  std::int64_t start_;
  double factor_;
  Tokens eos_;  // each once
};

}  // namespace typecase
