#pragma once

#include "base/huge_pages.h"

#include <typecase/token.h>

#include <cstdint>
#include <vector>

namespace typecase {

/// What two neighbouring tokens become, and how early.
struct Merge {
  std::uint32_t rank;  ///< index in the merge list; lower goes first
  TokenId result;
};

/// Pairs of token ids → their merge: an open-addressing table of 16-byte rows.
class MergeTable {
 public:
  void reserve(std::size_t merges);

  /// A pair given twice keeps the last merge, as the reference does.
  void set(TokenId left, TokenId right, Merge merge);

  /// nullptr when the two do not merge.
  const Merge* find(TokenId left, TokenId right) const noexcept {
    const std::uint64_t key = key_of(left, right);
    for (std::size_t i = start_of(key);; i = (i + 1) & mask_) {
      if (rows_[i].key == key) return &rows_[i].merge;
      if (rows_[i].key == kFree) return nullptr;
    }
  }

  /// Fetches the row of a pair that find() or set() will soon ask for.
  void prefetch(TokenId left, TokenId right) const noexcept {
    __builtin_prefetch(&rows_[start_of(key_of(left, right))]);
  }

  std::size_t size() const noexcept { return count_; }
  /// One above the highest rank.
  std::uint32_t end_rank() const noexcept { return end_rank_; }

 private:
  struct Row {
    std::uint64_t key;
    Merge merge;
  };
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};

  static std::uint64_t key_of(TokenId left, TokenId right) noexcept {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 |
           static_cast<std::uint32_t>(right);
  }
  /// The highest bits of the product: only there do both ids reach every bit. Pairs that share
  /// their right token, of which there are thousands, would else begin in the same few rows.
  std::size_t start_of(std::uint64_t key) const noexcept {
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15) >> shift_) & mask_;
  }

  using Rows = std::vector<Row, HugePageAllocator<Row>>;
  Rows rows_ = Rows(1, Row{kFree, {}});
  std::size_t mask_ = 0;
  int shift_ = 63;
  std::size_t count_ = 0;
  std::uint32_t end_rank_ = 0;
};

}  // namespace typecase
