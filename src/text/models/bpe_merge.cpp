#include "text/models/bpe_merge.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <limits>

namespace typecase {
namespace {

constexpr std::size_t kShort = 128;       // symbols
constexpr std::size_t kRepeating = 1024;  // symbols: from here on a pass to count pairs is nothing
constexpr std::size_t kPassPays = 16;     // a pass is worth one in so many symbols
constexpr int kUnpaidPasses = 4;          // the ends of a run go first, one pair each
constexpr std::int32_t kNever = std::numeric_limits<std::int32_t>::max();
constexpr std::uint32_t kNone = 0xFFFFFFFF;

}  // namespace

void BpeMerger::merge(Symbols& word, const MergeTable& merges) {
  if (word.size() >= kRepeating && merge_repeating(word, merges)) return;
  if (word.size() < 2) return;
  word.size() <= kShort ? merge_short(word, merges) : merge_long(word, merges);
}

/// True when nothing is left to merge; false when what is left repeats too little for passes.
bool BpeMerger::merge_repeating(Symbols& word, const MergeTable& merges) {
  int unpaid = kUnpaidPasses;
  Lowest pair = lowest_of(word, merges);
  while (pair.merge && pair.alone) {
    if (pair.count <= word.size() / kPassPays && unpaid-- == 0) return false;
    pair = merge_all(pair, word, merges);
  }
  return pair.merge == nullptr;
}

void BpeMerger::Lowest::see(TokenId left_id, TokenId right_id, const Merge* found) noexcept {
  if (found == nullptr || (merge && found->rank > merge->rank)) return;
  if (found == merge) {
    ++count;
  } else if (merge && found->rank == merge->rank) {
    alone = false;
  } else {
    *this = {found, left_id, right_id, 1, true};
  }
}

BpeMerger::Lowest BpeMerger::lowest_of(const Symbols& word, const MergeTable& merges) {
  Lowest out;
  for (std::size_t i = 0; i + 1 < word.size(); ++i) {
    out.see(word[i].id, word[i + 1].id, merges.find(word[i].id, word[i + 1].id));
  }
  return out;
}

/// Merges a word's pairs of the lowest rank from left to right in one pass, and says which pair
/// comes next (or one that was gone at the end of the pass: the next pass then finds none of it).
///
/// A merge may make pairs that go before the rest of the pass. All other pairs have this rank or a
/// higher one and those of this rank stand further right, so what is lowest is beside the merge.
BpeMerger::Lowest BpeMerger::merge_all(const Lowest& pair, Symbols& word,
                                       const MergeTable& merges) {
  const Merge merge = *pair.merge;
  const auto rank = [](const Merge* found) { return found ? found->rank : kNone; };
  Lowest next;
  std::size_t in = 0, out = 0;
  while (in < word.size()) {
    Symbol symbol = word[in++];
    const bool merged = symbol.id == pair.left && in < word.size() && word[in].id == pair.right;
    if (merged) symbol = {merge.result, symbol.size + word[in++].size};
    const Merge* left = out > 0 ? merges.find(word[out - 1].id, symbol.id) : nullptr;
    while (merged) {
      const Merge* right = in < word.size() ? merges.find(symbol.id, word[in].id) : nullptr;
      if (std::min(rank(left), rank(right)) > merge.rank) break;
      if (rank(left) <= rank(right)) {
        symbol = {left->result, word[--out].size + symbol.size};
      } else {
        symbol = {right->result, symbol.size + word[in++].size};
      }
      left = out > 0 ? merges.find(word[out - 1].id, symbol.id) : nullptr;
    }
    if (left) next.see(word[out - 1].id, symbol.id, left);
    word[out++] = symbol;
  }
  word.resize(out);
  return next;
}

void BpeMerger::merge_short(Symbols& word, const MergeTable& merges) {
  std::array<std::int32_t, kShort> rank;  // rank[i]: of symbols i and i + 1
  std::array<TokenId, kShort> result;
  const auto look = [&](std::size_t i) {
    const Merge* found = merges.find(word[i].id, word[i + 1].id);
    rank[i] = found ? static_cast<std::int32_t>(found->rank) : kNever;
    result[i] = found ? found->result : 0;
  };
  std::size_t pairs = word.size() - 1;
  for (std::size_t i = 0; i < pairs; ++i) merges.prefetch(word[i].id, word[i + 1].id);
  for (std::size_t i = 0; i < pairs; ++i) look(i);
  while (pairs > 0) {
    std::int32_t lowest = kNever;
    for (std::size_t i = 0; i < pairs; ++i) lowest = std::min(lowest, rank[i]);
    if (lowest == kNever) break;
    std::size_t best = 0;
    while (rank[best] != lowest) ++best;
    word[best] = {result[best], word[best].size + word[best + 1].size};
    const std::size_t behind = --pairs - best;
    std::memmove(&word[best + 1], &word[best + 1] + 1, behind * sizeof(Symbol));
    std::memmove(&rank[best], &rank[best] + 1, behind * sizeof(std::int32_t));
    std::memmove(&result[best], &result[best] + 1, behind * sizeof(TokenId));
    // Two misses at once instead of one after the other.
    if (best < pairs) merges.prefetch(word[best].id, word[best + 1].id);
    if (best > 0) look(best - 1);
    if (best < pairs) look(best);
  }
  word.resize(pairs + 1);
}

void BpeMerger::Bucket::push(std::uint32_t place) {
  if (!is_heap && (empty() || at.back() <= place)) {
    at.push_back(place);
    return;
  }
  if (!is_heap) {
    at.erase(at.begin(), at.begin() + static_cast<std::ptrdiff_t>(taken));
    taken = 0;
    is_heap = true;  // what is in order is a heap already
  }
  at.push_back(place);
  std::push_heap(at.begin(), at.end(), std::greater<>());
}

std::uint32_t BpeMerger::Bucket::pop() {
  if (!is_heap) {
    const std::uint32_t place = at[taken++];
    if (empty()) {
      at.clear();
      taken = 0;
    }
    return place;
  }
  std::pop_heap(at.begin(), at.end(), std::greater<>());
  const std::uint32_t place = at.back();
  at.pop_back();
  is_heap = !at.empty();
  return place;
}

BpeMerger::Bucket& BpeMerger::bucket_of(std::uint32_t rank) {
  if (last_ && last_->rank == rank) return *last_;
  std::uint32_t& index = by_rank_[rank];
  if (index == 0) {
    buckets_.emplace_back(rank);
    index = static_cast<std::uint32_t>(buckets_.size());
  }
  return *(last_ = &buckets_[index - 1]);
}

/// Notes that the pair that begins at `left` may merge.
void BpeMerger::push(const MergeTable& merges, std::uint32_t left) {
  const std::uint32_t right = nodes_[left].next;
  if (right == kNone) return;
  const Merge* merge = merges.find(nodes_[left].id, nodes_[right].id);
  if (merge == nullptr) return;
  Bucket& bucket = bucket_of(merge->rank);
  bucket.push(left);
  if (bucket.queued) return;
  bucket.queued = true;
  ranks_.push_back(merge->rank);
  std::push_heap(ranks_.begin(), ranks_.end(), std::greater<>());
}

/// Merges the pairs of one rank until there are none left or one of a lower rank has come up.
void BpeMerger::take_all(Bucket& bucket, const MergeTable& merges) {
  while (!bucket.empty() && ranks_.front() == bucket.rank) {
    const std::uint32_t place = bucket.pop();
    Node& left = nodes_[place];
    if (left.size == 0 || left.next == kNone) continue;
    Node& right = nodes_[left.next];
    // An earlier merge may have changed one of the two.
    const Merge* merge = merges.find(left.id, right.id);
    if (merge == nullptr || merge->rank != bucket.rank) continue;
    left.id = merge->result;
    left.size += right.size;
    right.size = 0;
    left.next = right.next;
    if (left.next != kNone) nodes_[left.next].previous = place;
    if (left.previous != kNone) push(merges, left.previous);
    push(merges, place);
  }
}

void BpeMerger::merge_long(Symbols& word, const MergeTable& merges) {
  const auto n = static_cast<std::uint32_t>(word.size());
  if (by_rank_.size() < merges.end_rank()) by_rank_.resize(merges.end_rank());
  nodes_.resize(n);
  for (std::uint32_t i = 0; i < n; ++i) nodes_[i] = {word[i].id, word[i].size, i - 1, i + 1};
  nodes_.front().previous = kNone;
  nodes_.back().next = kNone;
  for (std::uint32_t i = 0; i + 1 < n; ++i) push(merges, i);
  while (!ranks_.empty()) {
    Bucket& bucket = bucket_of(ranks_.front());
    take_all(bucket, merges);
    if (!bucket.empty()) continue;
    // It may not be the lowest any more, but then it is still among the ranks.
    if (ranks_.front() != bucket.rank) continue;
    bucket.queued = false;
    std::pop_heap(ranks_.begin(), ranks_.end(), std::greater<>());
    ranks_.pop_back();
  }
  word.clear();
  for (std::uint32_t i = 0; i != kNone; i = nodes_[i].next) {
    word.push_back({nodes_[i].id, nodes_[i].size});
  }
  for (const Bucket& bucket : buckets_) by_rank_[bucket.rank] = 0;
  buckets_.clear();
  last_ = nullptr;
  nodes_.clear();
}

}  // namespace typecase
