#pragma once

#include "backend/backend.h"
#include "backend/cpu/kernels.h"

#include <vector>

namespace typecase::cpu {

/// Cosines and sines of some rows for one Rope: computed once a pass, used by every layer.
class RotaryTable {
 public:
  RotaryTable(const Rope& rope, DType dtype, std::span<const Row> rows);
  /// Rotates the first rotated_dim numbers of a head in place, for row `row`.
  void rotate(const Kernels& kernels, int row, float* head) const noexcept;

 private:
  const Rope* rope_;
  DType dtype_;
  std::size_t half_;
  std::vector<float> cos_, sin_;  // [row][half]
};

}  // namespace typecase::cpu
