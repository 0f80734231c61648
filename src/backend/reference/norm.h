#pragma once

#include "backend/reference/table.h"

namespace typecase::reference {

/// Layer norm, or RMS norm in its three roundings: formulas at plan.h's Norm.
class NormOp {
 public:
  NormOp() = default;
  NormOp(const Norm& norm, Rounding r);
  bool empty() const noexcept { return kind_ == Norm::Kind::none; }
  void apply(std::span<float> x) const;
  /// Every row, in pieces of the weight's length (per-head norms have several in a row).
  Table operator()(Table x) const;

 private:
  void layer(std::span<float> x) const;
  void rms(std::span<float> x) const;
  Rounding r_;
  Norm::Kind kind_ = Norm::Kind::none;
  Norm::Rounding rounding_ = Norm::Rounding::rounded_twice;
  float eps_ = 0;
  std::vector<float> weight_, bias_;
};

}  // namespace typecase::reference
