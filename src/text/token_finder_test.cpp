#include "text/token_finder.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>
#include <vector>

namespace typecase {
namespace {

std::string shown(const std::vector<TokenFinder::Match>& matches) {
  std::string out;
  for (const auto& m : matches) {
    out +=
        std::to_string(m.token) + "@" + std::to_string(m.begin) + "-" + std::to_string(m.end) + " ";
  }
  return out;
}

TokenFinder finder_of(const std::vector<std::string>& strings) {
  TokenFinder out;
  for (std::size_t i = 0; i < strings.size(); ++i) {
    out.add(strings[i], static_cast<std::uint32_t>(i));
  }
  out.finish();
  return out;
}

TEST(TokenFinder, TakesTheLeftmostAndOfThoseTheLongest) {
  std::vector<TokenFinder::Match> found;
  finder_of({"ab", "abc", "bcd", "b"}).find("xabcdb", found);
  EXPECT_EQ(shown(found), "1@1-4 3@5-6 ");
}

TEST(TokenFinder, OfEqualStringsTheFirstCounts) {
  std::vector<TokenFinder::Match> found;
  finder_of({"ab", "ab"}).find("ab", found);
  EXPECT_EQ(shown(found), "0@0-2 ");
}

TEST(TokenFinder, BothWaysFindTheSame) {
  std::mt19937 random(1);
  const auto word = [&](std::size_t most) {
    std::string out;
    for (std::size_t n = 1 + random() % most; n > 0; --n) out += "aab<|"[random() % 5];
    return out;
  };
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::string> strings(1 + random() % 12);
    for (auto& string : strings) string = word(6);
    const TokenFinder finder = finder_of(strings);
    const std::string text = word(80);
    std::vector<TokenFinder::Match> one, other;
    finder.find(text, one);
    finder.find_by_automaton(text, other);
    ASSERT_EQ(shown(one), shown(other)) << text;
  }
}

TEST(TokenFinder, IsLinearWhereStringsNearlyMatchEverywhere) {
  const std::string string = std::string(60000, 'a') + "b";
  const std::string text(1 << 20, 'a');
  std::vector<TokenFinder::Match> found;
  const auto start = std::chrono::steady_clock::now();
  finder_of({string}).find(text, found);
  EXPECT_TRUE(found.empty());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace typecase
