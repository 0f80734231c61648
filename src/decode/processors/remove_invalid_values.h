#pragma once

#include "decode/processor.h"

#include <cmath>
#include <limits>

namespace typecase {

/// NaN becomes 0, ±∞ the largest finite number of that sign.
class RemoveInvalidValues : public Processor {
 public:
  std::string_view name() const override { return "remove_invalid_values"; }
  void apply(std::span<float> scores, const ScoreRow&) override {
    constexpr float kMost = std::numeric_limits<float>::max();
    for (float& s : scores) {
      if (std::isnan(s)) s = 0;
      if (std::isinf(s)) s = s > 0 ? kMost : -kMost;
    }
  }
};

}  // namespace typecase
