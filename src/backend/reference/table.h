#pragma once

#include "plan/plan.h"
#include "tensor/convert.h"

#include <cstdint>
#include <span>
#include <vector>

namespace typecase::reference {

/// Numbers in rows: activations [rows, columns], or a matrix [out, in].
struct Table {
  std::size_t rows = 0, columns = 0;
  std::vector<float> values;

  Table() = default;
  Table(std::size_t r, std::size_t c) : rows(r), columns(c), values(r * c) {}
  std::span<float> operator[](std::size_t r) { return {values.data() + r * columns, columns}; }
  std::span<const float> operator[](std::size_t r) const {
    return {values.data() + r * columns, columns};
  }
  bool empty() const noexcept { return values.empty(); }
};

/// The r(·) of the rounding points: to the plan's dtype and back.
struct Rounding {
  DType dtype = DType::float32;
  float operator()(float v) const noexcept { return round_to(dtype, v); }
  float operator()(double v) const noexcept { return round_to(dtype, static_cast<float>(v)); }
};

/// The plan's words as numbers, cast to the dtype once.
Table load(const Tensor& tensor, Rounding r);
Table load(const Matrix& matrix, Rounding r);
std::vector<float> load(const Vector& vector, Rounding r);

}  // namespace typecase::reference
