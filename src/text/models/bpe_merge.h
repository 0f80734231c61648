#pragma once

#include "text/models/merge_table.h"

#include <cstdint>
#include <vector>

namespace typecase {

/// A token of a word while it is being merged.
struct Symbol {
  TokenId id;
  std::uint32_t size;  ///< bytes it stands for
};

/// Merges the symbols of one word in place:
///     repeat:  of all neighbouring pairs that merge take the one with the lowest rank, of equals
///              the leftmost; replace it by its result.
/// Sennrich et al. 2016, arXiv:1508.07909.  O(n²) for the few symbols of ordinary words,
/// O(n log n) for long ones.
///
/// Holds buffers only, so that words cost no allocation.
class BpeMerger {
 public:
  void merge(std::vector<Symbol>& word, const MergeTable& merges);

 private:
  struct Node {
    TokenId id;
    std::uint32_t size;
    std::uint32_t previous, next;
  };
  struct Candidate {
    std::uint32_t rank;
    std::uint32_t at;
    TokenId result;
    TokenId left, right;
  };
  void merge_short(std::vector<Symbol>& word, const MergeTable& merges);
  void merge_long(std::vector<Symbol>& word, const MergeTable& merges);
  void push(const MergeTable& merges, std::uint32_t left);

  std::vector<Node> nodes_;
  std::vector<Candidate> queue_;
};

}  // namespace typecase
