#pragma once

#include "backend/reference/linear.h"

#include <optional>
#include <variant>
#include <vector>

namespace typecase::reference {

/// W_down · f(W_up n), gated or not.
class MlpOp {
 public:
  MlpOp(const Mlp& mlp, Rounding r) : MlpOp(mlp, r, r) {}
  MlpOp(const Mlp& mlp, Rounding r, Rounding down);  ///< `down`: of W_down and its product
  Table operator()(const Table& x) const;

 private:
  Rounding r_;
  LinearOp gate_, up_, down_;
  Activation activation_;
};

/// A mixture of experts, one row at a time.
class ExpertsOp {
 public:
  ExpertsOp(const Experts& experts, Rounding r);
  Table operator()(const Table& x) const;

 private:
  std::vector<float> shares(std::span<const float> router_logits) const;
  Rounding r_;
  LinearOp router_, shared_gate_;
  std::size_t per_token_;
  bool normalise_, rounded_shares_;
  std::vector<MlpOp> experts_;
  std::optional<MlpOp> shared_;
};

}  // namespace typecase::reference
