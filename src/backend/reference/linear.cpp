#include "backend/reference/linear.h"

namespace typecase::reference {

LinearOp::LinearOp(const Linear& linear, Rounding r)
    : r_(r), weight_(load(linear.weight, r)), bias_(load(linear.bias, r)) {}

Table LinearOp::operator()(const Table& x) const {
  Table y(x.rows, weight_.rows);
  for (std::size_t n = 0; n < x.rows; ++n) {
    for (std::size_t o = 0; o < weight_.rows; ++o) {
      // In double: the oracle stands closer to the true sum than any float32 order does.
      double sum = bias_.empty() ? 0.0 : double{bias_[o]};
      for (std::size_t i = 0; i < x.columns; ++i) sum += double{weight_[o][i]} * double{x[n][i]};
      y[n][o] = r_(sum);
    }
  }
  return y;
}

}  // namespace typecase::reference
