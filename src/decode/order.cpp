#include "decode/order.h"

#include "base/checked.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

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
  const auto kth = [&before, k](std::vector<float>& values) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(k - 1);
    std::nth_element(values.begin(), at, values.end(), before);
    return *at;
  };
  // Only what beats the k-th of those seen so far is looked at again: in a row in no order, few.
  std::vector<float> best(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(k));
  float least = kth(best);
  for (const float value : x.subspan(k)) {
    if (value <= least) continue;
    best.push_back(value);
    if (best.size() < 4 * k + 64) continue;
    least = kth(best);
    best.resize(k);
  }
  return kth(best);
}

namespace {

/// Unsigned integers in the order of the floats: positive ones above, negative ones turned around.
std::uint32_t key_of(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
}
float value_of(std::uint32_t key) {
  return std::bit_cast<float>((key & 0x80000000u) != 0 ? key & 0x7FFFFFFFu : ~key);
}

}  // namespace

void sort_values(std::vector<float>& values) {
  constexpr std::size_t kFew = 512;
  if (values.size() < kFew) {
    std::sort(values.begin(), values.end());
    return;
  }
  std::vector<std::uint32_t> keys(values.size()), other(values.size());
  std::transform(values.begin(), values.end(), keys.begin(), key_of);
  constexpr std::uint32_t kDigits = 1u << 11;
  for (std::uint32_t shift = 0; shift < 33; shift += 11) {
    std::array<std::uint32_t, kDigits> start{};
    for (const std::uint32_t key : keys) ++start[(key >> shift) % kDigits];
    std::exclusive_scan(start.begin(), start.end(), start.begin(), 0u);
    for (const std::uint32_t key : keys) other[start[(key >> shift) % kDigits]++] = key;
    keys.swap(other);
  }
  std::transform(keys.begin(), keys.end(), values.begin(), value_of);
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
