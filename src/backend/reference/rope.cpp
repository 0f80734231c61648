#include "backend/reference/rope.h"

#include <cmath>

namespace typecase::reference {
void rotate(std::span<float> head, const Rope& rope, std::int64_t position,
            std::int64_t rotary_length, Rounding r) {
  const Rope::Table table = rope.table_at(rotary_length);
  const Rounding exact{DType::float32};
  const Rounding inner = rope.rounded_tables ? r : exact;
  const auto half = static_cast<std::size_t>(rope.rotated_dim / 2);
  for (std::size_t i = 0; i < half; ++i) {
    const float angle = static_cast<float>(position) * table.inv_freq[i];
    const float cos = inner(static_cast<float>(std::cos(double{angle})) * table.scaling);
    const float sin = inner(static_cast<float>(std::sin(double{angle})) * table.scaling);
    const bool halves = rope.layout == Rope::Layout::halves;
    float& x = head[halves ? i : 2 * i];
    float& y = head[halves ? i + half : 2 * i + 1];
    const float x0 = x, y0 = y;
    x = r(inner(x0 * cos) + inner(-y0 * sin));
    y = r(inner(y0 * cos) + inner(x0 * sin));
  }
}

}  // namespace typecase::reference
