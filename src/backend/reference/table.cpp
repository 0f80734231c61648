#include "backend/reference/table.h"

namespace typecase::reference {

Table load(const Tensor& tensor, Rounding r) {
  if (tensor.empty()) return {};
  Table out;
  out.values = to_float32(tensor);
  out.columns = static_cast<std::size_t>(tensor.shape.back());
  out.rows = out.columns == 0 ? 0 : out.values.size() / out.columns;
  for (float& v : out.values) v = r(v);
  return out;
}

Table load(const Matrix& matrix, Rounding r) {
  if (matrix.empty()) return {};
  const Table stored = load(matrix.stored, r);
  Table out(static_cast<std::size_t>(matrix.out()), static_cast<std::size_t>(matrix.in()));
  for (std::size_t o = 0; o < out.rows; ++o) {
    const std::size_t from = matrix.rows.empty() ? o : static_cast<std::size_t>(matrix.rows[o]);
    for (std::size_t i = 0; i < out.columns; ++i) {
      out[o][i] = matrix.in_out ? stored[i][from] : stored[from][i];
    }
  }
  return out;
}

std::vector<float> load(const Vector& vector, Rounding r) {
  if (vector.empty()) return {};
  const Table stored = load(vector.stored, r);
  if (vector.rows.empty()) return stored.values;
  std::vector<float> out;
  out.reserve(vector.rows.size());
  for (const auto i : vector.rows) out.push_back(stored.values[static_cast<std::size_t>(i)]);
  return out;
}

}  // namespace typecase::reference
