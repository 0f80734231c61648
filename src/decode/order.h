#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace typecase {

/// A value and where it stood.
struct Ranked {
  float value;
  std::int32_t index;
};

/// The k greatest, greatest first, a NaN being greater than any number. Equal values come in the
/// order torch.topk leaves them in, which is that of libstdc++'s selection algorithms.
/// REQUIRES: k ≤ x.size().
std::vector<Ranked> topk(std::span<const float> x, std::size_t k);

/// The k-th greatest value (k from 1), without their order.
float kth_greatest(std::span<const float> x, std::size_t k);

/// Sorts values alone, ascending: by their bits, in three passes, when there are many. Keeps its
/// memory for the next row.
class ValueSorter {
 public:
  /// REQUIRES: no NaN.
  void sort(std::vector<float>& values);

 private:
  std::vector<std::uint32_t> keys_, other_;
};

/// The whole row sorted; equal values in the order torch.sort leaves them in (std::sort's).
/// NaN last when ascending, first when descending.
std::vector<Ranked> sorted_ascending(std::span<const float> x);
std::vector<Ranked> sorted_descending(std::span<const float> x);

/// The index of the first greatest value, a NaN being greater than any number.
std::int32_t argmax(std::span<const float> x);

}  // namespace typecase
