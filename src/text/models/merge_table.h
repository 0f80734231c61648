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
///
/// Most pairs that are asked for never merge. A set of bits, a thirty-second of the table's size
/// and so in a nearer cache, says so for seven out of eight of them.
class MergeTable {
 public:
  void reserve(std::size_t merges);

  /// A pair given twice keeps the last merge, as the reference does.
  void set(TokenId left, TokenId right, Merge merge);

  /// nullptr when the two do not merge.
  const Merge* find(TokenId left, TokenId right) const noexcept {
    const std::uint64_t key = key_of(left, right);
    const std::size_t bit = bit_of(key);
    if ((bits_[bit / 64] >> (bit % 64) & 1) == 0) return nullptr;
    for (std::size_t i = bit / kBitsPerRow;; i = (i + 1) & mask_) {
      if (rows_[i].key == key) return &rows_[i].merge;
      if (rows_[i].key == kFree) return nullptr;
    }
  }

  /// Fetches what find() or set() will soon ask for.
  void prefetch(TokenId left, TokenId right) const noexcept {
    const std::size_t bit = bit_of(key_of(left, right));
    __builtin_prefetch(&bits_[bit / 64]);
    __builtin_prefetch(&rows_[bit / kBitsPerRow]);
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
  /// Which bit stands for a pair; its row is the one of kBitsPerRow bits together. The highest bits
  /// of the product: only there do both ids reach every bit. Pairs that share their right token, of
  /// which there are thousands, would else begin in the same few rows.
  std::size_t bit_of(std::uint64_t key) const noexcept {
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15) >> shift_);
  }

  static constexpr std::size_t kBitsPerRow = 4;
  using Rows = std::vector<Row, HugePageAllocator<Row>>;
  Rows rows_ = Rows(1, Row{kFree, {}});
  std::vector<std::uint64_t> bits_ = std::vector<std::uint64_t>(1);
  std::size_t mask_ = 0;
  int shift_ = 62;
  std::size_t count_ = 0;
  std::uint32_t end_rank_ = 0;
};

}  // namespace typecase
