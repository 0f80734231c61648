#include "text/pretokenizers/scanners.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace typecase::scanners {
namespace {

using ::testing::ElementsAre;

template <class Scanner>
std::vector<std::string> cut(Scanner scanner, std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = scanner(text, at);
    out.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

TEST(Gpt2Scanner, TakesOneSpaceAlongAndLeavesTheOthers) {
  EXPECT_THAT(cut(gpt2, "a  b   "), ElementsAre("a", " ", " b", "   "));
}

TEST(Gpt2Scanner, KnowsContractionsInLowerCaseOnly) {
  EXPECT_THAT(cut(gpt2, "it's IT'S"), ElementsAre("it", "'s", " IT", "'", "S"));
}

TEST(Gpt2Scanner, TakesRunsOfDigitsWhole) {
  EXPECT_THAT(cut(gpt2, "12345½"), ElementsAre("12345½"));
}

TEST(Llama3Scanner, CutsDigitsInThrees) {
  EXPECT_THAT(cut(llama3, "1234567 8"), ElementsAre("123", "456", "7", " ", "8"));
}

TEST(Llama3Scanner, FoldsContractionsLongSIncluded) {
  EXPECT_THAT(cut(llama3, "I'Ll 'ſo"), ElementsAre("I", "'Ll", " '", "ſo"));
  EXPECT_THAT(cut(llama3, "I'ſo"), ElementsAre("I", "'ſ", "o"));
}

TEST(Llama3Scanner, KeepsLineBreaksTogether) {
  EXPECT_THAT(cut(llama3, "a.\n\n b \n\n  c"), ElementsAre("a", ".\n\n", " b", " \n\n", " ", " c"));
}

TEST(Llama3Scanner, TakesAnyOneCharacterInFrontOfLetters) {
  EXPECT_THAT(cut(llama3, "(a\tb_c"), ElementsAre("(a", "\tb", "_c"));
}

TEST(Qwen2Scanner, CutsDigitsSingly) {
  EXPECT_THAT(cut(qwen2, "12 3"), ElementsAre("1", "2", " ", "3"));
}

}  // namespace
}  // namespace typecase::scanners
