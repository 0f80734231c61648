#include "backend/kv_cache.h"

#include "base/checked.h"

#include <typecase/error.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace typecase {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kLeastSlab = 2u << 20, kMostSlab = 64u << 20;

std::size_t blocks_for(std::int32_t keys) {
  return static_cast<std::size_t>((keys + KvCache::kSlots - 1) / KvCache::kSlots);
}

}  // namespace

const KvCache::Sequence& KvCache::of(SequenceId sequence) const {
  const auto at = sequences_.find(sequence);
  TYPECASE_CHECK(at != sequences_.end());
  return at->second;
}
KvCache::Sequence& KvCache::of(SequenceId sequence) {
  const auto at = sequences_.find(sequence);
  TYPECASE_CHECK(at != sequences_.end());
  return at->second;
}

SequenceId KvCache::create() {
  sequences_.try_emplace(next_);
  return next_++;
}

SequenceId KvCache::fork(SequenceId sequence) {
  const auto [at, fresh] = sequences_.try_emplace(next_, of(sequence));
  for (const std::size_t block : at->second.blocks) ++blocks_[block].references;
  return next_++;
}

void KvCache::truncate(SequenceId sequence, std::int32_t length) {
  Sequence& s = of(sequence);
  TYPECASE_CHECK(length >= 0 && length <= s.length);
  s.length = length;
  s.masked.erase(std::lower_bound(s.masked.begin(), s.masked.end(), length), s.masked.end());
  trim(sequence);
}

void KvCache::drop(SequenceId sequence) noexcept {
  const auto at = sequences_.find(sequence);
  if (at == sequences_.end()) return;
  for (const std::size_t block : at->second.blocks) release(block);
  sequences_.erase(at);
}

/// Memory for `count` more blocks. It is taken from the system when it is first written.
void KvCache::add_slab(std::size_t count) {
  const std::size_t stride = (block_bytes_ + kAlignment - 1) / kAlignment * kAlignment;
  // Room in free_ first, so that release() never allocates.
  free_.reserve(blocks_.size() + count);
  blocks_.reserve(blocks_.size() + count);
  slabs_.emplace_back(stride * count);
  for (std::size_t i = 0; i < count; ++i) {
    blocks_.push_back({.data = slabs_.back().data() + i * stride});
    free_.push_back(blocks_.size() - 1);
  }
  // The lowest addresses first: a sequence then lies in one piece, in large pages.
  std::reverse(free_.end() - static_cast<std::ptrdiff_t>(count), free_.end());
}

std::size_t KvCache::allocate() {
  if (free_.empty()) {
    // As much again as there is, within bounds; when that cannot be had, a single block.
    const std::size_t least = kLeastSlab / std::max<std::size_t>(block_bytes_, 1) + 1;
    const std::size_t most = std::max(least, kMostSlab / std::max<std::size_t>(block_bytes_, 1));
    try {
      try {
        add_slab(std::clamp(blocks_.size(), least, most));
      } catch (const Error&) {
        add_slab(1);
      }
    } catch (const std::exception&) {
      throw Error(Code::out_of_memory,
                  "the key-value cache cannot grow: its " + std::to_string(in_use_) +
                      " blocks hold all the memory there is; use shorter or fewer sequences");
    }
  }
  const std::size_t block = free_.back();
  free_.pop_back();
  blocks_[block].references = 1;
  ++in_use_;
  return block;
}

void KvCache::release(std::size_t block) noexcept {
  if (--blocks_[block].references > 0) return;
  free_.push_back(block);
  --in_use_;
}

void KvCache::reserve(SequenceId sequence, std::int32_t keys, std::int32_t masked) {
  Sequence& s = of(sequence);
  s.masked.reserve(s.masked.size() + static_cast<std::size_t>(masked));
  if (keys <= 0) return;
  const std::int32_t now = s.keys();
  s.blocks.reserve(blocks_for(now + keys));
  const auto last = static_cast<std::size_t>(now / kSlots);
  if (last < s.blocks.size() && blocks_[s.blocks[last]].references > 1) {
    const std::size_t copy = allocate();
    std::memcpy(blocks_[copy].data, blocks_[s.blocks[last]].data, block_bytes_);
    release(s.blocks[last]);
    s.blocks[last] = copy;
  }
  while (s.blocks.size() < blocks_for(now + keys)) s.blocks.push_back(allocate());
}

void KvCache::append(SequenceId sequence, bool visible) noexcept {
  Sequence& s = sequences_.find(sequence)->second;
  if (!visible) s.masked.push_back(s.length);
  ++s.length;
}

void KvCache::trim(SequenceId sequence) noexcept {
  const auto at = sequences_.find(sequence);
  if (at == sequences_.end()) return;
  auto& blocks = at->second.blocks;
  while (blocks.size() > blocks_for(at->second.keys())) {
    release(blocks.back());
    blocks.pop_back();
  }
}

std::vector<std::byte*> KvCache::blocks(SequenceId sequence) const {
  std::vector<std::byte*> out;
  for (const std::size_t block : of(sequence).blocks) out.push_back(blocks_[block].data);
  return out;
}

}  // namespace typecase
