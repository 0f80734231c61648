#include "backend/reference/rope.h"

#include <cmath>

namespace typecase::reference {
void rotate(std::span<float> head, const Rope& rope, std::int64_t position,
            std::int64_t rotary_length, Rounding r) {
  const Rope::Table table = rope.table_at(rotary_length);
  const Rounding exact{DType::float32};
  const Rounding tables = rope.rounded_tables ? r : exact;
  const Rounding products = rope.rounded_products ? r : exact;
  const auto half = static_cast<std::size_t>(rope.rotated_dim / 2);
  for (std::size_t i = 0; i < half; ++i) {
    const float angle = static_cast<float>(position) * table.inv_freq[i];
    const float cos = tables(static_cast<float>(std::cos(double{angle})) * table.scaling);
    const float sin = tables(static_cast<float>(std::sin(double{angle})) * table.scaling);
    const bool halves = rope.layout == Rope::Layout::halves;
    float& x = head[halves ? i : 2 * i];
    float& y = head[halves ? i + half : 2 * i + 1];
    const float x0 = x, y0 = y;
    x = r(products(x0 * cos) + products(-y0 * sin));
    y = r(products(y0 * cos) + products(x0 * sin));
  }
}

}  // namespace typecase::reference
