#pragma once

#include "decode/nucleus.h"
#include "decode/order.h"
#include "decode/processor.h"

#include <typecase/selections.h>

namespace typecase {

/// Nucleus sampling. With p = softmax(s) sorted from the smallest, token i is cut while
///     Σ_{j ≤ i} p_j ≤ 1 − top_p ;
/// the last `keep` of the order always stay. Holtzman et al. 2020, arXiv:1904.09751.
///
/// The sum runs in double and each partial sum is rounded to float, as torch.cumsum does; equal
/// scores come in the order of sorted_ascending().   REQUIRES: 0 ≤ top_p < 1, keep ≥ 1.
class TopP : public Processor {
 public:
  /// `count`, where given, outlives this object.
  TopP(double top_p, std::size_t keep, Selections* count = nullptr)
      : rest_(static_cast<float>(1 - top_p)), keep_(keep), count_(count) {}
  std::string_view name() const override { return "top_p"; }
  void apply(std::span<float> scores, const ScoreRow&) override;
  /// The definition: sorts the whole row with its indices. apply() only needs this when equal
  /// scores lie on both sides of the cut; it sorts at all only where Nucleus is not certain.
  void apply_by_sorting(std::span<float> scores) const;

 private:
  bool apply_by_threshold(std::span<float> scores);

  float rest_;
  std::size_t keep_;
  Selections* count_;
  Nucleus nucleus_;
  ValueSorter sorter_;
  std::vector<float> values_, p_;  // scratch
};

}  // namespace typecase
