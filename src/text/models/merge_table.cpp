#include "text/models/merge_table.h"

#include <algorithm>
#include <bit>

namespace typecase {

void MergeTable::reserve(std::size_t merges) {
  const std::size_t rows = std::bit_ceil(merges + merges / 3 + 2);
  if (rows <= rows_.size()) return;
  Rows old(rows, Row{kFree, {}});
  old.swap(rows_);
  mask_ = rows - 1;
  shift_ = 64 - std::countr_zero(rows * kBitsPerRow);
  bits_.assign(rows * kBitsPerRow / 64 + 1, 0);
  count_ = 0;
  for (const Row& row : old) {
    if (row.key == kFree) continue;
    set(static_cast<TokenId>(row.key >> 32), static_cast<TokenId>(row.key & 0xFFFFFFFF), row.merge);
  }
}

void MergeTable::set(TokenId left, TokenId right, Merge merge) {
  // One row stays free, or a look-up of a pair that is not there would not end.
  if (count_ + 1 + (count_ + 1) / 3 >= rows_.size()) reserve((count_ + 1) * 2);
  const std::uint64_t key = key_of(left, right);
  const std::size_t bit = bit_of(key);
  bits_[bit / 64] |= std::uint64_t{1} << (bit % 64);
  std::size_t i = bit / kBitsPerRow;
  while (rows_[i].key != kFree && rows_[i].key != key) i = (i + 1) & mask_;
  count_ += rows_[i].key == kFree;
  rows_[i] = {key, merge};
  end_rank_ = std::max(end_rank_, merge.rank + 1);
}

}  // namespace typecase
