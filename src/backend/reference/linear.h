#pragma once

#include "backend/reference/table.h"

namespace typecase::reference {

/// y_o = r(Σ_i W_oi x_i + b_o).
class LinearOp {
 public:
  LinearOp() = default;
  LinearOp(const Linear& linear, Rounding r);
  bool empty() const noexcept { return weight_.empty(); }
  Table operator()(const Table& x) const;  // [rows, in] → [rows, out]

 private:
  Rounding r_;
  Table weight_;
  std::vector<float> bias_;
};

}  // namespace typecase::reference
