#pragma once

#include "decode/processor.h"

namespace typecase {

/// Nucleus sampling. With p = softmax(s) sorted from the smallest, token i is cut while
///     Σ_{j ≤ i} p_j ≤ 1 − top_p ;
/// the last `keep` of the order always stay. Holtzman et al. 2020, arXiv:1904.09751.
///
/// The sum runs in double and each partial sum is rounded to float, as torch.cumsum does; equal
/// scores come in the order of sorted_ascending().   REQUIRES: 0 ≤ top_p < 1, keep ≥ 1.
class TopP : public Processor {
 public:
  TopP(double top_p, std::size_t keep) : rest_(static_cast<float>(1 - top_p)), keep_(keep) {}
  std::string_view name() const override { return "top_p"; }
  void apply(std::span<float> scores, const ScoreRow&) override;
  /// The definition: sorts the whole row with its indices. apply() only needs this when equal
  /// scores lie on both sides of the cut.
  void apply_by_sorting(std::span<float> scores) const;

 private:
  bool apply_by_threshold(std::span<float> scores) const;

  float rest_;
  std::size_t keep_;
};

}  // namespace typecase
