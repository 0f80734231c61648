#include "text/models/bpe_merge.h"

#include <gtest/gtest.h>

#include <ctime>
#include <optional>
#include <random>

namespace typecase {
namespace {

/// The rule itself, word for word: lowest rank first, of equals the leftmost.
std::vector<TokenId> merged_by_definition(std::vector<TokenId> word, const MergeTable& merges) {
  for (;;) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i + 1 < word.size(); ++i) {
      const Merge* merge = merges.find(word[i], word[i + 1]);
      if (merge && (!best || merge->rank < merges.find(word[*best], word[*best + 1])->rank))
        best = i;
    }
    if (!best) return word;
    word[*best] = merges.find(word[*best], word[*best + 1])->result;
    word.erase(word.begin() + static_cast<std::ptrdiff_t>(*best) + 1);
  }
}

MergeTable random_merges(std::mt19937& random, bool ranks_differ = false) {
  MergeTable out;
  for (std::uint32_t rank = 0; rank < 20; ++rank) {
    const auto id = [&] { return static_cast<TokenId>(random() % 8); };
    const auto any = static_cast<std::uint32_t>(random() % 20);
    out.set(id(), id(), {ranks_differ ? rank : any, static_cast<TokenId>(random() % 8)});
  }
  return out;
}

void expect_as_defined(const std::vector<TokenId>& ids, const MergeTable& merges) {
  Symbols word;
  for (const TokenId id : ids) word.push_back({id, 1});
  BpeMerger().merge(word, merges);
  std::vector<TokenId> ours;
  std::size_t bytes = 0;
  for (const Symbol symbol : word) {
    ours.push_back(symbol.id);
    bytes += symbol.size;
  }
  EXPECT_EQ(ours, merged_by_definition(ids, merges));
  EXPECT_EQ(bytes, ids.size());
}

TEST(BpeMerger, EqualsTheDefinitionForWhatRepeats) {
  std::mt19937 random(2);
  for (int round = 0; round < 400; ++round) {
    const MergeTable merges = random_merges(random, round % 4 != 0);
    std::vector<TokenId> ids(1024 + random() % 200);
    const std::size_t period = 1 + random() % 5;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      ids[i] =
          i < period || random() % 300 == 0 ? static_cast<TokenId>(random() % 4) : ids[i - period];
    }
    expect_as_defined(ids, merges);
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
}

TEST(BpeMerger, EqualsTheDefinitionForShortAndLongWords) {
  std::mt19937 random(1);
  BpeMerger merger;
  for (int round = 0; round < 3000; ++round) {
    const MergeTable merges = random_merges(random);
    Symbols word;
    std::vector<TokenId> ids;
    const auto size = random() % (round % 8 == 0 ? 400 : 70);
    for (std::size_t i = 0; i < size; ++i) {
      ids.push_back(static_cast<TokenId>(random() % 4));
      word.push_back({ids.back(), 1});
    }
    merger.merge(word, merges);
    std::vector<TokenId> ours;
    std::size_t bytes = 0;
    for (const Symbol symbol : word) {
      ours.push_back(symbol.id);
      bytes += symbol.size;
    }
    ASSERT_EQ(ours, merged_by_definition(ids, merges)) << "round " << round;
    ASSERT_EQ(bytes, size);
  }
}

/// "x aaaa…" where longer runs go first: each merge makes the pair that comes next.
TEST(BpeMerger, TakesRunsThatGrowFromTheLeft) {
  MergeTable merges;
  for (TokenId id = 1; id < 31; ++id) {
    merges.set(id, 1, {static_cast<std::uint32_t>(31 - id), id + 1});
  }
  merges.set(0, 1, {0, 40});
  std::vector<TokenId> ids(2000, 1);
  ids[0] = 0;
  expect_as_defined(ids, merges);
}

TEST(BpeMerger, TakesAMillionEqualLettersInOneWord) {
  MergeTable merges;
  for (TokenId id = 0; id < 6; ++id) {
    merges.set(id, id, {static_cast<std::uint32_t>(id), id + 1});
  }
  Symbols word(1'000'000, Symbol{0, 1});
  const std::clock_t start = std::clock();
  BpeMerger().merge(word, merges);
  EXPECT_EQ(word.size(), 1'000'000u / 64);
  EXPECT_LT(std::clock() - start, 5 * CLOCKS_PER_SEC);
}

TEST(MergeTable, FindsNothingMoreThanWhatWasSet) {
  MergeTable merges;
  EXPECT_EQ(merges.find(0, 1), nullptr);
  for (TokenId id = 0; id < 40; ++id) {
    merges.set(id, id + 1, {static_cast<std::uint32_t>(id), id});
    EXPECT_EQ(merges.find(id, id), nullptr);
    ASSERT_NE(merges.find(id, id + 1), nullptr);
    EXPECT_EQ(merges.find(id, id + 1)->result, id);
  }
}

}  // namespace
}  // namespace typecase
