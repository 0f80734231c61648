#pragma once

#include "backend/backend.h"
#include "backend/cpu/arena.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace typecase {

/// The pages of a KV cache: fixed blocks of kSlots keys and values, shared by counting.
///
/// Only visible slots are kept, in order: the i-th visible slot is key i. So what a row computes
/// depends on the tokens it sees and not on how much padding lies between them. Masked slots are
/// remembered as numbers, because a slot's number decides what is later and what a window holds.
/// What lies inside a block is the executor's business.
class KvCache {
 public:
  static constexpr int kSlots = 16;

  explicit KvCache(std::size_t block_bytes) : block_bytes_(block_bytes) {}

  SequenceId create();
  SequenceId fork(SequenceId sequence);  ///< shares every block
  void truncate(SequenceId sequence, std::int32_t length);
  void drop(SequenceId sequence) noexcept;

  std::int32_t length(SequenceId sequence) const { return of(sequence).length; }

  /// Makes room for `keys` more keys (new blocks, and a private copy of a shared last one) and for
  /// `masked` more masked slots. Length and content stay as they are. Throws Error(out_of_memory).
  void reserve(SequenceId sequence, std::int32_t keys, std::int32_t masked);
  /// The next slot exists from now on.   REQUIRES: it has been reserved.
  void append(SequenceId sequence, bool visible) noexcept;
  /// Gives back what reserve() took and append() did not use.
  void trim(SequenceId sequence) noexcept;

  /// Block i holds keys 16 i … 16 i + 15.
  std::vector<std::byte*> blocks(SequenceId sequence) const;
  const std::vector<std::int32_t>& masked(SequenceId sequence) const { return of(sequence).masked; }
  std::size_t blocks_in_use() const noexcept { return in_use_; }

 private:
  struct Block {
    std::byte* data = nullptr;  // in a slab
    int references = 0;
  };
  struct Sequence {
    std::vector<std::size_t> blocks;
    std::vector<std::int32_t> masked;  // slot numbers, ascending
    std::int32_t length = 0;
    std::int32_t keys() const { return length - static_cast<std::int32_t>(masked.size()); }
  };

  const Sequence& of(SequenceId sequence) const;
  Sequence& of(SequenceId sequence);
  std::size_t allocate();
  void add_slab(std::size_t blocks);
  void release(std::size_t block) noexcept;

  std::size_t block_bytes_;
  std::vector<cpu::Arena> slabs_;
  std::vector<Block> blocks_;
  std::vector<std::size_t> free_;
  std::map<SequenceId, Sequence> sequences_;
  SequenceId next_ = 0;
  std::size_t in_use_ = 0;
};

}  // namespace typecase
