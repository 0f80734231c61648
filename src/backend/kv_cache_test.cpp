#include "backend/kv_cache.h"

#include <gtest/gtest.h>

#include <cstring>

namespace typecase {
namespace {

constexpr std::size_t kBytes = 256;

/// Appends `n` visible slots.
void grow(KvCache& cache, SequenceId s, int n) {
  cache.reserve(s, n, 0);
  for (int i = 0; i < n; ++i) cache.append(s, true);
}

TEST(KvCache, BlocksHoldSixteenKeysEach) {
  KvCache cache(kBytes);
  const SequenceId s = cache.create();
  grow(cache, s, 16);
  EXPECT_EQ(cache.blocks(s).size(), 1u);
  grow(cache, s, 1);
  EXPECT_EQ(cache.blocks(s).size(), 2u);
  cache.truncate(s, 16);
  EXPECT_EQ(cache.blocks_in_use(), 1u);
}

TEST(KvCache, ForkCostsNothingUntilTheLastBlockIsWritten) {
  KvCache cache(kBytes);
  const SequenceId a = cache.create();
  grow(cache, a, 40);
  const SequenceId b = cache.fork(a);
  EXPECT_EQ(cache.blocks_in_use(), 3u);
  std::memset(cache.blocks(a)[2], 7, kBytes);
  grow(cache, b, 1);
  EXPECT_EQ(cache.blocks_in_use(), 4u);
  EXPECT_EQ(cache.blocks(a)[1], cache.blocks(b)[1]);
  ASSERT_NE(cache.blocks(a)[2], cache.blocks(b)[2]);
  EXPECT_EQ(std::memcmp(cache.blocks(a)[2], cache.blocks(b)[2], kBytes), 0);
  // The original is alone with its last block again: no second copy.
  grow(cache, a, 1);
  EXPECT_EQ(cache.blocks_in_use(), 4u);
}

TEST(KvCache, AFullLastBlockStaysShared) {
  KvCache cache(kBytes);
  const SequenceId a = cache.create();
  grow(cache, a, 32);
  const SequenceId b = cache.fork(a);
  grow(cache, b, 1);
  EXPECT_EQ(cache.blocks_in_use(), 3u);
  cache.truncate(b, 20);
  grow(cache, b, 1);
  EXPECT_NE(cache.blocks(a)[1], cache.blocks(b)[1]);
}

TEST(KvCache, MaskedSlotsHaveNoKeys) {
  KvCache cache(kBytes);
  const SequenceId s = cache.create();
  cache.reserve(s, 1, 100);
  for (int i = 0; i < 100; ++i) cache.append(s, false);
  cache.append(s, true);
  EXPECT_EQ(cache.length(s), 101);
  EXPECT_EQ(cache.blocks(s).size(), 1u);
  cache.truncate(s, 50);
  EXPECT_EQ(cache.masked(s).size(), 50u);
  EXPECT_EQ(cache.blocks_in_use(), 0u);
}

TEST(KvCache, TrimGivesBackWhatWasReservedInVain) {
  KvCache cache(kBytes);
  const SequenceId s = cache.create();
  grow(cache, s, 3);
  cache.reserve(s, 100, 0);
  cache.trim(s);
  EXPECT_EQ(cache.blocks_in_use(), 1u);
  cache.drop(s);
  EXPECT_EQ(cache.blocks_in_use(), 0u);
}

}  // namespace
}  // namespace typecase
