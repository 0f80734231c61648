#pragma once

#include "decode/processor.h"
#include "decode/scan.h"

namespace typecase {

/// s_i ← s_i / T : T < 1 sharpens the distribution, T > 1 flattens it.
/// Ackley, Hinton and Sejnowski 1985.   REQUIRES: T > 0.
class Temperature : public Processor {
 public:
  explicit Temperature(double t) : t_(static_cast<float>(t)) {}
  std::string_view name() const override { return "temperature"; }
  void apply(std::span<float> scores, const ScoreRow&) override { divide(scores, t_); }

 private:
  float t_;
};

}  // namespace typecase
