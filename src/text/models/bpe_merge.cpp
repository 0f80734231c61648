#include "text/models/bpe_merge.h"

#include <algorithm>
#include <array>

namespace typecase {
namespace {

constexpr std::size_t kShort = 32;  // symbols
constexpr std::uint32_t kNever = 0xFFFFFFFF;
constexpr std::uint32_t kNone = 0xFFFFFFFF;

}  // namespace

void BpeMerger::merge(std::vector<Symbol>& word, const MergeTable& merges) {
  if (word.size() < 2) return;
  word.size() <= kShort ? merge_short(word, merges) : merge_long(word, merges);
}

void BpeMerger::merge_short(std::vector<Symbol>& word, const MergeTable& merges) {
  std::array<Merge, kShort> pair;  // pair[i]: of symbols i and i + 1
  std::size_t n = word.size();
  const auto look = [&](std::size_t i) {
    const Merge* found = merges.find(word[i].id, word[i + 1].id);
    pair[i] = found ? *found : Merge{kNever, 0};
  };
  for (std::size_t i = 0; i + 1 < n; ++i) look(i);
  while (n > 1) {
    std::size_t best = 0;
    for (std::size_t i = 1; i + 1 < n; ++i) {
      if (pair[i].rank < pair[best].rank) best = i;
    }
    if (pair[best].rank == kNever) break;
    word[best] = {pair[best].result, word[best].size + word[best + 1].size};
    for (std::size_t i = best + 1; i + 1 < n; ++i) {
      word[i] = word[i + 1];
      pair[i - 1] = pair[i];
    }
    --n;
    if (best > 0) look(best - 1);
    if (best + 1 < n) look(best);
  }
  word.resize(n);
}

void BpeMerger::push(const MergeTable& merges, std::uint32_t left) {
  const std::uint32_t right = nodes_[left].next;
  if (right == kNone) return;
  const Merge* merge = merges.find(nodes_[left].id, nodes_[right].id);
  if (merge == nullptr) return;
  queue_.push_back({merge->rank, left, merge->result, nodes_[left].id, nodes_[right].id});
  std::push_heap(queue_.begin(), queue_.end(), [](const Candidate& a, const Candidate& b) {
    return a.rank != b.rank ? a.rank > b.rank : a.at > b.at;
  });
}

void BpeMerger::merge_long(std::vector<Symbol>& word, const MergeTable& merges) {
  const auto n = static_cast<std::uint32_t>(word.size());
  nodes_.clear();
  queue_.clear();
  for (std::uint32_t i = 0; i < n; ++i) {
    nodes_.push_back(
        {word[i].id, word[i].size, i == 0 ? kNone : i - 1, i + 1 == n ? kNone : i + 1});
  }
  for (std::uint32_t i = 0; i + 1 < n; ++i) push(merges, i);
  while (!queue_.empty()) {
    std::pop_heap(queue_.begin(), queue_.end(), [](const Candidate& a, const Candidate& b) {
      return a.rank != b.rank ? a.rank > b.rank : a.at > b.at;
    });
    const Candidate c = queue_.back();
    queue_.pop_back();
    Node& left = nodes_[c.at];
    // An entry is stale when an earlier merge has changed one of its two symbols.
    if (left.size == 0 || left.id != c.left || left.next == kNone) continue;
    Node& right = nodes_[left.next];
    if (right.id != c.right) continue;
    left.id = c.result;
    left.size += right.size;
    right.size = 0;
    left.next = right.next;
    if (left.next != kNone) nodes_[left.next].previous = c.at;
    if (left.previous != kNone) push(merges, left.previous);
    push(merges, c.at);
  }
  word.clear();
  for (std::uint32_t i = 0; i != kNone; i = nodes_[i].next) {
    word.push_back({nodes_[i].id, nodes_[i].size});
  }
}

}  // namespace typecase
