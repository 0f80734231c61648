#pragma once

#include "base/huge_pages.h"
#include "text/models/merge_table.h"

#include <cstdint>
#include <deque>
#include <vector>

namespace typecase {

/// A token of a word while it is being merged.
struct Symbol {
  TokenId id;
  std::uint32_t size;  ///< bytes it stands for
};

using Symbols = std::vector<Symbol, HugePageAllocator<Symbol>>;

/// Merges the symbols of one word in place:
///     repeat:  of all neighbouring pairs that merge take the one with the lowest rank, of equals
///              the leftmost; replace it by its result.
/// Sennrich et al. 2016, arXiv:1508.07909.  O(n²) with small steps for ordinary
/// words, O(n log n) for long ones; what is one thing over and over takes a few passes in place.
///
/// Holds buffers only, so that words cost no allocation.
class BpeMerger {
 public:
  void merge(Symbols& word, const MergeTable& merges);

 private:
  struct Node {
    TokenId id;
    std::uint32_t size;
    std::uint32_t previous, next;
  };
  /// The places where pairs of one rank may stand, to be taken from left to right.
  struct Bucket {
    explicit Bucket(std::uint32_t its_rank) : rank(its_rank) {}
    std::uint32_t rank;
    bool queued = false;
    bool is_heap = false;   // in order until something is pushed out of order
    std::size_t taken = 0;  // while in order: how many are done
    std::vector<std::uint32_t, HugePageAllocator<std::uint32_t>> at;
    bool empty() const noexcept { return taken == at.size(); }
    void push(std::uint32_t place);
    std::uint32_t pop();
  };
  /// The pair of the lowest rank in a word.
  struct Lowest {
    const Merge* merge = nullptr;
    TokenId left = 0, right = 0;
    std::size_t count = 0;
    bool alone = true;  // no other pair has this rank
    void see(TokenId left_id, TokenId right_id, const Merge* found) noexcept;
  };
  static Lowest lowest_of(const Symbols& word, const MergeTable& merges);
  static Lowest merge_all(const Lowest& pair, Symbols& word, const MergeTable& merges);
  static bool merge_repeating(Symbols& word, const MergeTable& merges);
  void merge_short(Symbols& word, const MergeTable& merges);
  void merge_long(Symbols& word, const MergeTable& merges);
  void push(const MergeTable& merges, std::uint32_t left);
  Bucket& bucket_of(std::uint32_t rank);
  void take_all(Bucket& bucket, const MergeTable& merges);

  std::vector<Node, HugePageAllocator<Node>> nodes_;
  std::deque<Bucket> buckets_;
  std::vector<std::uint32_t> by_rank_;  // one above the index in buckets_; 0: none
  Bucket* last_ = nullptr;              // most pushes go where the one before went
  std::vector<std::uint32_t> ranks_;    // a heap of the ranks that have places left, lowest first
};

}  // namespace typecase
