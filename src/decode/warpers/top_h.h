#pragma once

#include "decode/processor.h"

namespace typecase {

/// Keeps the head of the 100 most probable tokens whose entropy stays within a share of theirs:
///     Σ_{j ≤ i} −p_j ln p_j ≤ h · H ,   p = softmax of those 100, greatest first ;
/// the first always stays. Potraghloo et al. 2025, arXiv:2509.02510.   REQUIRES: 0 < h ≤ 1.
class TopH : public Processor {
 public:
  explicit TopH(double h) : h_(static_cast<float>(h)) {}
  std::string_view name() const override { return "top_h"; }
  void apply(std::span<float> scores, const ScoreRow&) override;

 private:
  float h_;
};

}  // namespace typecase
