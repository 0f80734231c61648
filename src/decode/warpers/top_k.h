#pragma once

#include "decode/order.h"
#include "decode/processor.h"
#include "decode/scan.h"

#include <algorithm>

namespace typecase {

/// Keeps the k highest scores and every score equal to the k-th of them.
/// Fan, Lewis and Dauphin 2018, arXiv:1805.04833.   REQUIRES: k ≥ 1.
class TopK : public Processor {
 public:
  explicit TopK(std::size_t k) : k_(k) {}
  std::string_view name() const override { return "top_k"; }
  void apply(std::span<float> scores, const ScoreRow&) override {
    if (scores.empty()) return;
    const float last = kth_greatest(scores, std::min(k_, scores.size()));
    cut_below(scores, last);
  }

 private:
  std::size_t k_;
};

}  // namespace typecase
