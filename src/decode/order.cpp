#include "decode/order.h"

#include "base/checked.h"

#include <algorithm>
#include <cmath>

// The order among equal values is part of the reference's result: it runs libstdc++'s algorithms on
// pairs, and so do we. (With another standard library the ids of exact ties may differ.)

namespace typecase {
namespace {

bool greater(const Ranked& a, const Ranked& b) {
  return (std::isnan(a.value) && !std::isnan(b.value)) || a.value > b.value;
}
bool smaller(const Ranked& a, const Ranked& b) {
  return (!std::isnan(a.value) && std::isnan(b.value)) || a.value < b.value;
}

std::vector<Ranked> numbered(std::span<const float> x) {
  std::vector<Ranked> out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = {x[i], static_cast<std::int32_t>(i)};
  return out;
}

}  // namespace

std::vector<Ranked> topk(std::span<const float> x, std::size_t k) {
  TYPECASE_CHECK(k <= x.size());
  auto queue = numbered(x);
  const auto at = queue.begin() + static_cast<std::ptrdiff_t>(k);
  if (k == 0) return {};
  if (k * 64 <= x.size()) {
    std::partial_sort(queue.begin(), at, queue.end(), greater);
  } else {
    std::nth_element(queue.begin(), at - 1, queue.end(), greater);
    std::sort(queue.begin(), at - 1, greater);
  }
  queue.resize(k);
  return queue;
}

float kth_greatest(std::span<const float> x, std::size_t k) {
  TYPECASE_CHECK(k >= 1 && k <= x.size());
  const auto before = [](float a, float b) { return (std::isnan(a) && !std::isnan(b)) || a > b; };
  std::vector<float> values(x.begin(), x.end());
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(k - 1);
  std::nth_element(values.begin(), at, values.end(), before);
  return *at;
}

std::vector<Ranked> sorted_ascending(std::span<const float> x) {
  auto out = numbered(x);
  std::sort(out.begin(), out.end(), smaller);
  return out;
}

std::vector<Ranked> sorted_descending(std::span<const float> x) {
  auto out = numbered(x);
  std::sort(out.begin(), out.end(), greater);
  return out;
}

std::int32_t argmax(std::span<const float> x) {
  TYPECASE_CHECK(!x.empty());
  std::size_t best = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i])) return static_cast<std::int32_t>(i);
    if (x[i] > x[best]) best = i;
  }
  return static_cast<std::int32_t>(best);
}

}  // namespace typecase
