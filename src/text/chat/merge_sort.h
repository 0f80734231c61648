#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace typecase::chat {

/// Sorts `items` so that equal ones keep their order. `before` may throw, and may be no order at
/// all (NaN is not less than anything): the result is then some order, never a broken list.
template <class T, class Before>
void merge_sort(std::vector<T>& items, Before before) {
  std::vector<T> merged;
  merged.reserve(items.size());
  for (std::size_t width = 1; width < items.size(); width *= 2) {
    merged.clear();
    for (std::size_t begin = 0; begin < items.size(); begin += 2 * width) {
      const std::size_t middle = std::min(begin + width, items.size());
      const std::size_t end = std::min(begin + 2 * width, items.size());
      std::size_t left = begin;
      std::size_t right = middle;
      while (left < middle && right < end) {
        const bool take_right = before(items[right], items[left]);
        merged.push_back(std::move(items[take_right ? right++ : left++]));
      }
      const auto at = [&](std::size_t i) {
        return std::make_move_iterator(items.begin() + static_cast<std::ptrdiff_t>(i));
      };
      merged.insert(merged.end(), at(left), at(middle));
      merged.insert(merged.end(), at(right), at(end));
    }
    items.swap(merged);
  }
}

}  // namespace typecase::chat
