#include "text/gguf.h"

#include <typecase/error.h>
#include <typecase/text_streamer.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace typecase {
namespace {

using ::testing::ElementsAre;

/// Tokens 0 … : "a", " b", "\n", "中", half of "é", the other half.
Tokenizer letters() {
  GgufTokenizer data{
      .model = "gpt2", .pre = "", .tokens = {"a", "Ġb", "Ċ", "ä¸Ń", "Ã", "©", "Ġ", "b"}};
  data.merges = {"Ġ b"};
  return tokenizer_from_gguf(data);
}

std::vector<std::string> pieces_of(const Tokens& ids, TextStreamerOptions options = {}) {
  const auto tokenizer = letters();
  std::vector<std::string> out;
  TextStreamer streamer(
      tokenizer,
      [&](std::string_view text, bool end) { out.push_back(std::string(text) + (end ? "|" : "")); },
      options);
  for (const TokenId id : ids) streamer.put(std::span(&id, 1));
  streamer.end();
  return out;
}

TEST(TextStreamer, WritesUpToTheLastSpace) {
  EXPECT_THAT(pieces_of({0, 1, 1}), ElementsAre("", "a ", "b ", "b|"));
}

TEST(TextStreamer, WritesEverythingAtALineBreak) {
  EXPECT_THAT(pieces_of({0, 2, 0}), ElementsAre("", "a\n", "", "a|"));
}

TEST(TextStreamer, WritesEverythingBehindAnIdeograph) {
  EXPECT_THAT(pieces_of({0, 3, 0}), ElementsAre("", "a中", "", "a|"));
}

TEST(TextStreamer, HoldsBackACharacterThatIsNotWhole) {
  EXPECT_THAT(pieces_of({4, 5, 6}), ElementsAre("", "", "é ", "|"));
}

TEST(TextStreamer, SkipsThePromptOnly) {
  EXPECT_THAT(pieces_of({0, 1, 1}, {.skip_prompt = true}), ElementsAre(" ", "b ", "b|"));
}

TEST(TextStreamer, RefusesSeveralRows) {
  const auto tokenizer = letters();
  TextStreamer streamer(tokenizer, [](std::string_view, bool) {}, {.skip_prompt = true});
  const Tokens ids = {0, 1};
  EXPECT_THROW(streamer.put(ids, 2), Error);
}

}  // namespace
}  // namespace typecase
