#include "decode/order.h"

#include "base/checked.h"
#include "decode/scan.h"

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

/// std::partial_sort of the k greatest, step for step: a heap of the best so far, whose front is
/// the least of them. What is not above the front changes nothing, so it is passed over unseen, and
/// no pair is made of it.
std::vector<Ranked> few_greatest(std::span<const float> x, std::size_t k) {
  auto heap = numbered(x.first(k));
  std::make_heap(heap.begin(), heap.end(), greater);
  heap.push_back({});  // where the next one waits
  const auto last = heap.end() - 1;
  for (std::size_t i = first_above(x, k, heap.front().value); i < x.size();
       i = first_above(x, i + 1, heap.front().value)) {
    *last = {x[i], static_cast<std::int32_t>(i)};
    if (greater(*last, heap.front())) std::pop_heap(heap.begin(), heap.end(), greater);
  }
  heap.pop_back();
  std::sort_heap(heap.begin(), heap.end(), greater);
  return heap;
}

}  // namespace

std::vector<Ranked> topk(std::span<const float> x, std::size_t k) {
  TYPECASE_CHECK(k <= x.size());
  if (k == 0) return {};
  if (k * 64 <= x.size()) return few_greatest(x, k);
  auto queue = numbered(x);
  const auto at = queue.begin() + static_cast<std::ptrdiff_t>(k);
  std::nth_element(queue.begin(), at - 1, queue.end(), greater);
  std::sort(queue.begin(), at - 1, greater);
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
  for (std::size_t i = first_above(x, k, least); i < x.size(); i = first_above(x, i + 1, least)) {
    best.push_back(x[i]);
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

void ValueSorter::sort(std::vector<float>& values) {
  constexpr std::size_t kFew = 512;
  if (values.size() < kFew) {
    std::sort(values.begin(), values.end());
    return;
  }
  keys_.resize(values.size());
  other_.resize(values.size());
  std::transform(values.begin(), values.end(), keys_.begin(), key_of);
  constexpr std::uint32_t kDigits = 1u << 11;
  for (std::uint32_t shift = 0; shift < 33; shift += 11) {
    std::array<std::uint32_t, kDigits> start{};
    for (const std::uint32_t key : keys_) ++start[(key >> shift) % kDigits];
    std::exclusive_scan(start.begin(), start.end(), start.begin(), 0u);
    for (const std::uint32_t key : keys_) other_[start[(key >> shift) % kDigits]++] = key;
    keys_.swap(other_);
  }
  std::transform(keys_.begin(), keys_.end(), values.begin(), value_of);
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

std::int32_t argmax(std::span<const float> x) { return first_greatest(x); }

}  // namespace typecase
