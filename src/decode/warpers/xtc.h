#pragma once

#include "decode/processor.h"

#include <typecase/generator.h>

namespace typecase {

/// Ours, not the reference's.  XTC ("exclude top choices"): with the given probability, of the
/// tokens with  p_i ≥ threshold ,  p = softmax(s), all but the least probable are cut; fewer than
/// two change nothing. So the text leaves the beaten path only where another good way exists.
/// P. E. Weidmann, text-generation-webui pull request 6335, 2024.
///
/// Consumes one Generator::uniform() (one 32-bit word) per row and step, in the order of the rows
/// and before the choice draws, whether it then cuts or not. Acts behind the reference's warpers.
/// REQUIRES: 0 ≤ probability ≤ 1, threshold ≥ 0; `random` outlives this object.
class Xtc : public Processor {
 public:
  Xtc(double probability, double threshold, Generator& random)
      : probability_(probability), threshold_(static_cast<float>(threshold)), random_(random) {}
  std::string_view name() const override { return "xtc_probability"; }
  void apply(std::span<float> scores, const ScoreRow&) override;

 private:
  double probability_;
  float threshold_;
  Generator& random_;
};

}  // namespace typecase
