#pragma once

#include "decode/processor.h"

namespace typecase {

/// Locally typical sampling. Tokens whose surprise is nearest to its mean come first, in the order
/// of  d_i = |−ln p_i − H| ; the shortest head of that order with mass ≥ typical_p stays, and so do
/// its first `keep`. Meister et al. 2022, arXiv:2202.00666.   REQUIRES: 0 < mass < 1, keep ≥ 1.
///
/// The most probable token can be cut.
class Typical : public Processor {
 public:
  Typical(double mass, std::size_t keep) : mass_(static_cast<float>(mass)), keep_(keep) {}
  std::string_view name() const override { return "typical_p"; }
  void apply(std::span<float> scores, const ScoreRow&) override;

 private:
  float mass_;
  std::size_t keep_;
};

}  // namespace typecase
