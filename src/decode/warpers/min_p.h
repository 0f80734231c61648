#pragma once

#include "decode/processor.h"

#include <vector>

namespace typecase {

/// Cuts every token with  p_i < min_p · max p ,  p = softmax(s), except the `keep` most probable.
/// Nguyen et al. 2024, arXiv:2407.01082.   REQUIRES: 0 ≤ min_p ≤ 1, keep ≥ 1.
class MinP : public Processor {
 public:
  MinP(double min_p, std::size_t keep) : min_p_(static_cast<float>(min_p)), keep_(keep) {}
  std::string_view name() const override { return "min_p"; }
  void apply(std::span<float> scores, const ScoreRow&) override;

 private:
  void keep_most_probable(std::span<float> scores) const;

  float min_p_;
  std::size_t keep_;
  std::vector<float> e_;  // scratch: e^(s_i − max s)
};

}  // namespace typecase
