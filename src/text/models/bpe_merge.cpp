#include "text/models/bpe_merge.h"

#include <algorithm>
#include <array>
#include <functional>

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
  for (std::size_t i = 0; i + 1 < n; ++i) merges.prefetch(word[i].id, word[i + 1].id);
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
  Bucket*& bucket = by_rank_[rank];
  if (bucket == nullptr) {
    bucket = &buckets_.emplace_back();
    bucket->rank = rank;
  }
  return *(last_ = bucket);
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

void BpeMerger::merge_long(std::vector<Symbol>& word, const MergeTable& merges) {
  const auto n = static_cast<std::uint32_t>(word.size());
  nodes_.clear();
  buckets_.clear();
  by_rank_.clear();
  ranks_.clear();
  last_ = nullptr;
  for (std::uint32_t i = 0; i < n; ++i) {
    nodes_.push_back(
        {word[i].id, word[i].size, i == 0 ? kNone : i - 1, i + 1 == n ? kNone : i + 1});
  }
  for (std::uint32_t i = 0; i + 1 < n; ++i) push(merges, i);
  while (!ranks_.empty()) {
    Bucket& bucket = *by_rank_.at(ranks_.front());
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
}

}  // namespace typecase
