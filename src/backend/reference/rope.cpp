#include "backend/reference/rope.h"

#include <cmath>

namespace typecase::reference {
namespace {

/// The frequencies in force at `length`: Rope::table, or the long or dynamic regime's.
Rope::Table table_at(const Rope& rope, std::int64_t length) {
  if (rope.long_table && length > rope.long_above) return *rope.long_table;
  if (!rope.dynamic || length <= rope.dynamic_above) return rope.table;
  const double d = rope.rotated_dim;
  const double stretch =
      rope.factor * static_cast<double>(length) / static_cast<double>(rope.dynamic_above) -
      (rope.factor - 1);
  const auto base = static_cast<float>(rope.theta * std::pow(stretch, d / (d - 2)));
  Rope::Table out = rope.table;
  for (std::size_t i = 0; i < out.inv_freq.size(); ++i) {
    const float exponent = static_cast<float>(2 * i) / static_cast<float>(rope.rotated_dim);
    out.inv_freq[i] = 1 / std::pow(base, exponent);
  }
  return out;
}

}  // namespace

void rotate(std::span<float> head, const Rope& rope, std::int64_t position,
            std::int64_t rotary_length, Rounding r) {
  const Rope::Table table = table_at(rope, rotary_length);
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
