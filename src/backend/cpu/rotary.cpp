#include "backend/cpu/rotary.h"

#include "tensor/convert.h"

#include <cmath>

namespace typecase::cpu {
RotaryTable::RotaryTable(const Rope& rope, DType dtype, std::span<const Row> rows)
    : rope_(&rope), dtype_(dtype), half_(static_cast<std::size_t>(rope.rotated_dim / 2)) {
  cos_.reserve(rows.size() * half_);
  sin_.reserve(rows.size() * half_);
  const DType inner = rope.rounded_tables ? dtype : DType::float32;
  const bool regimes = rope.long_table || rope.dynamic;
  Rope::Table table = rope.table;
  for (const Row& row : rows) {
    if (regimes) table = rope.table_at(row.rotary_length);
    for (std::size_t i = 0; i < half_; ++i) {
      // The angle is rounded to float32 as in the reference; its cosine is then exact to a bit.
      const double angle = static_cast<float>(row.position) * table.inv_freq[i];
      cos_.push_back(round_to(inner, static_cast<float>(std::cos(angle)) * table.scaling));
      sin_.push_back(round_to(inner, static_cast<float>(std::sin(angle)) * table.scaling));
    }
  }
}

void RotaryTable::rotate(const Kernels& kernels, int row, float* head) const noexcept {
  const float* cos = cos_.data() + static_cast<std::size_t>(row) * half_;
  const float* sin = sin_.data() + static_cast<std::size_t>(row) * half_;
  const bool halves = rope_->layout == Rope::Layout::halves;
  const std::size_t step = halves ? 1 : 2, other = halves ? half_ : 1;
  const DType inner = rope_->rounded_products ? dtype_ : DType::float32;
  if (halves && half_ % kPanel == 0) {
    return kernels.rotate(dtype_, inner, cos, sin, static_cast<int>(half_), head);
  }
  for (std::size_t i = 0; i < half_; ++i) {
    const float x = head[i * step], y = head[i * step + other];
    head[i * step] = round_to(dtype_, round_to(inner, x * cos[i]) + round_to(inner, -y * sin[i]));
    head[i * step + other] =
        round_to(dtype_, round_to(inner, y * cos[i]) + round_to(inner, x * sin[i]));
  }
}

}  // namespace typecase::cpu
