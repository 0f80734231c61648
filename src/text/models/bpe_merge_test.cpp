#include "text/models/bpe_merge.h"

#include <gtest/gtest.h>

#include <chrono>
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

MergeTable random_merges(std::mt19937& random) {
  MergeTable out;
  for (std::uint32_t rank = 0; rank < 20; ++rank) {
    const auto id = [&] { return static_cast<TokenId>(random() % 8); };
    out.set(id(), id(),
            {static_cast<std::uint32_t>(random() % 20), static_cast<TokenId>(random() % 8)});
  }
  return out;
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

TEST(BpeMerger, TakesAMillionEqualLettersInOneWord) {
  MergeTable merges;
  for (TokenId id = 0; id < 6; ++id) {
    merges.set(id, id, {static_cast<std::uint32_t>(id), id + 1});
  }
  Symbols word(1'000'000, Symbol{0, 1});
  const auto start = std::chrono::steady_clock::now();
  BpeMerger().merge(word, merges);
  EXPECT_EQ(word.size(), 1'000'000u / 64);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
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
