/// Every recorded text, through every recorded tokenizer that is here: ids, token strings, offsets
/// and decoded text equal to the reference's (tools/record_tokenizers.py).
#include "golden.h"

#include "checkpoint/checkpoint.h"
#include "text/gguf.h"

#include <typecase/error.h>
#include <typecase/json.h>
#include <typecase/stream_decoder.h>
#include <typecase/tokenizer.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace typecase {
namespace {

struct Hashes {
  std::string tokens, offsets, text, text_without_specials;
};

Hashes hashes_of(const Tokenizer& tokenizer, const Encoding& encoding) {
  std::string tokens, offsets;
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    if (i > 0) tokens += '\n';
    if (i > 0) offsets += ' ';
    tokens += encoding.tokens[i];
    offsets +=
        std::to_string(encoding.offsets[i].begin) + " " + std::to_string(encoding.offsets[i].end);
  }
  return {fnv(tokens), fnv(offsets), fnv(tokenizer.decode(encoding.ids)),
          fnv(tokenizer.decode(encoding.ids, {.skip_special_tokens = true}))};
}

std::string streamed(const Tokenizer& tokenizer, const Tokens& ids) {
  StreamDecoder decoder(tokenizer);
  std::string out;
  for (const TokenId id : ids) out += decoder.push(id);
  return out + decoder.finish();
}

void compare(const Tokenizer& tokenizer, const std::string& name) {
  const auto texts = lines_of(kGolden + "texts.jsonl");
  const auto expected = lines_of(kGolden + name + ".jsonl");
  ASSERT_GE(texts.size(), 3000u);
  ASSERT_EQ(texts.size(), expected.size());
  // The first text that differs says enough.
  for (std::size_t i = 0; i < texts.size() && !::testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE("line " + std::to_string(i + 1) + " of texts.jsonl: " + texts[i]);
    const std::string text = Json::parse(texts[i]).as_string();
    const Json row = Json::parse(expected[i]);
    const Encoding encoding = tokenizer.encode(text, {.offsets = true});
    Tokens ids;
    for (const Json& id : row.as_array()[0].as_array()) {
      ids.push_back(static_cast<TokenId>(id.as_integer()));
    }
    const std::string& hashes = row.as_array()[1].as_string();
    const Hashes ours = hashes_of(tokenizer, encoding);
    EXPECT_EQ(encoding.ids, ids);
    EXPECT_EQ(tokenizer.encode_ids(text), ids);
    EXPECT_EQ(ours.tokens, hashes.substr(0, 8)) << ::testing::PrintToString(encoding.tokens);
    EXPECT_EQ(ours.offsets, hashes.substr(8, 8)) << ::testing::PrintToString(encoding.tokens);
    EXPECT_EQ(ours.text, hashes.substr(16, 8)) << tokenizer.decode(encoding.ids);
    EXPECT_EQ(ours.text_without_specials, hashes.substr(24, 8));
    EXPECT_EQ(streamed(tokenizer, ids), tokenizer.decode(ids));
  }
}

class SmallTokenizer : public ::testing::TestWithParam<const char*> {};

TEST_P(SmallTokenizer, EqualsTheReference) {
  const std::string name = GetParam();
  compare(Tokenizer::from_folder(kGolden + "small/" + name), "small_" + name);
}

INSTANTIATE_TEST_SUITE_P(All, SmallTokenizer,
                         ::testing::Values("gpt2", "prefix_space", "llama3", "qwen2", "digits",
                                           "added", "missing_bytes", "unknown", "fused_unknown",
                                           "affixes", "byte_fallback"),
                         [](const auto& test) { return std::string(test.param); });

class RealTokenizer : public ::testing::TestWithParam<const char*> {};

TEST_P(RealTokenizer, EqualsTheReference) {
  const std::string file = cache_folder() + "tokenizers/" + GetParam() + "/tokenizer.json";
  if (!std::filesystem::exists(file)) {
    GTEST_SKIP() << file << " is missing; tools/fetch_tokenizers.py fetches it";
  }
  compare(Tokenizer::from_file(file), GetParam());
}

INSTANTIATE_TEST_SUITE_P(All, RealTokenizer, ::testing::Values("gpt2", "llama3_1"),
                         [](const auto& test) { return std::string(test.param); });

/// The large ones: one hash a text.
class LargeTokenizer : public ::testing::TestWithParam<const char*> {};

TEST_P(LargeTokenizer, EqualsTheReference) {
  const std::string file = cache_folder() + "tokenizers/" + GetParam() + "/tokenizer.json";
  if (!std::filesystem::exists(file)) {
    GTEST_SKIP() << file << " is missing; tools/fetch_tokenizers.py fetches it";
  }
  const Tokenizer tokenizer = Tokenizer::from_file(file);
  const auto texts = lines_of(kGolden + "texts.jsonl");
  const auto expected = lines_of(kGolden + GetParam() + ".txt");
  ASSERT_EQ(texts.size(), expected.size());
  for (std::size_t i = 0; i < texts.size() && !HasFailure(); ++i) {
    SCOPED_TRACE("line " + std::to_string(i + 1) + " of texts.jsonl: " + texts[i]);
    const std::string text = Json::parse(texts[i]).as_string();
    const Encoding encoding = tokenizer.encode(text, {.offsets = true});
    EXPECT_EQ(summary(tokenizer, encoding), expected[i]);
    EXPECT_EQ(tokenizer.encode_ids(text), encoding.ids);
    EXPECT_EQ(streamed(tokenizer, encoding.ids), tokenizer.decode(encoding.ids));
  }
}

INSTANTIATE_TEST_SUITE_P(All, LargeTokenizer,
                         ::testing::Values("deepseek_v3", "gemma3", "gptoss", "llama2", "llama3",
                                           "minilm", "qwen3"),
                         [](const auto& test) { return std::string(test.param); });

TEST(DefaultModel, HasTheTokenizerThatTheReferenceMakesOfItsGguf) {
  const std::string file = cache_folder() + "models/SmolLM2-135M-Instruct.Q4_1.gguf";
  if (!std::filesystem::exists(file)) {
    GTEST_SKIP() << file << " is missing; ./dev setup fetches it";
  }
  const auto checkpoint = Checkpoint::open(file);
  ASSERT_NE(checkpoint.gguf_tokenizer(), nullptr);
  compare(tokenizer_from_gguf(*checkpoint.gguf_tokenizer()), "smollm2_gguf");
}

TEST(Gpt2Vocabulary, GivesTheKnownIdsForTheRainInSpain) {
  const std::string file = cache_folder() + "tokenizers/gpt2/tokenizer.json";
  if (!std::filesystem::exists(file)) {
    GTEST_SKIP() << file << " is missing; tools/fetch_tokenizers.py fetches it";
  }
  const auto tokenizer = Tokenizer::from_file(file);
  EXPECT_THAT(tokenizer.encode_ids("The rain in Spain falls mainly in the plain"),
              ::testing::ElementsAre(464, 6290, 287, 8602, 8953, 8384, 287, 262, 8631));
}

}  // namespace
}  // namespace typecase
