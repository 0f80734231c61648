/// Ten megabytes of one thing: correct, and linear or n log n. Patterns that explode end in an
/// error.
#include "golden.h"
#include "text/tokenizer_json.h"

#include <typecase/error.h>

#include <gtest/gtest.h>

#include <ctime>

namespace typecase {
namespace {

constexpr std::size_t kBytes = 10'000'000;

std::string repeated(std::string_view unit) {
  std::string out;
  out.reserve(kBytes + unit.size());
  while (out.size() < kBytes) out += unit;
  return out;
}

/// The text that a normalizer makes of `text`: the one piece of a model that knows nothing.
std::string normalized(const std::string& normalizer, const std::string& text) {
  const Tokenizer tokenizer = make_tokenizer(parse_tokenizer_json(
      R"({"normalizer": )" + normalizer +
      R"(, "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0]]}})"));
  const Encoding encoding = tokenizer.encode(text);
  return encoding.tokens.empty() ? "" : encoding.tokens[0];
}

Tokenizer component(const std::string& name) {
  const std::string start = "[\"" + name + "\",";
  for (const std::string& line : lines_of(kGolden + "components/tokenizers.jsonl")) {
    if (!line.starts_with(start)) continue;
    return make_tokenizer(parse_tokenizer_json(
        std::string_view(line).substr(start.size(), line.size() - start.size() - 1)));
  }
  throw Error(Code::not_found, name);
}

#if defined(__SANITIZE_ADDRESS__)
constexpr double kSeconds = 50;  // every access is checked
#else
constexpr double kSeconds = 5;
#endif

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// How many tokens `text` has; fails when they took longer than a machine of today needs by far.
std::size_t count(const std::string& name, const std::string& text) {
  const Tokenizer tokenizer = component(name);
  const double start = processor_seconds();
  const std::size_t out = tokenizer.encode_ids(text).size();
  const double seconds = processor_seconds() - start;
  EXPECT_LT(seconds, kSeconds) << name;
  return out;
}

TEST(LongText, OfOneLetter) {
  const std::string text = repeated("a");
  // The best way is pieces of four; the first has the ▁.
  EXPECT_EQ(count("model_unigram_whole", text), (text.size() + 3) / 4);
  EXPECT_EQ(count("model_wordpiece", text), 1u);
  EXPECT_EQ(normalized(R"({"type": "NFKC"})", text), text);
  EXPECT_EQ(count("pre_tokenizer_split_literal_isolated", text), text.size());
}

TEST(LongText, OfSpaces) {
  const std::string text = repeated(" ");
  EXPECT_EQ(count("pre_tokenizer_metaspace", text), text.size());
  EXPECT_EQ(count("pre_tokenizer_whitespace_split", text), 0u);
  EXPECT_EQ(normalized(R"({"type": "Strip", "strip_left": true, "strip_right": true})", text), "");
}

TEST(LongText, OfEmojiAndMarks) {
  const std::string text = repeated("😀");
  EXPECT_EQ(count("model_unigram_whole", text), 1u);  // neighbouring unknown ones are one
  EXPECT_EQ(count("pre_tokenizer_fixed_length", text), (text.size() / 4 + 2) / 3);
  const std::string marks = "a" + repeated("\u0301\u0323");
  // ạ and then the acutes: of each pair of marks one goes in front.
  const std::string composed = normalized(R"({"type": "NFC"})", marks);
  EXPECT_EQ(composed.substr(0, 5), "\u1ea1\u0323");
  EXPECT_EQ(composed.size(), marks.size());  // a and a mark become three bytes
}

TEST(LongText, PatternsThatExplodeEndInAnError) {
  const Tokenizer tokenizer = make_tokenizer(parse_tokenizer_json(
      R"({"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a+)+$"}, "behavior": "Isolated", "invert": false},
          "model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}})"));
  EXPECT_EQ(tokenizer.encode_ids("aaa"), Tokens{0});
  const double start = processor_seconds();
  try {
    tokenizer.encode_ids(std::string(60, 'a') + "b");
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::limit);
    EXPECT_EQ(error.message(),
              "the pattern '(a+)+$' gives up on 61 bytes of text: retry-limit-in-match over");
  }
  EXPECT_LT(processor_seconds() - start, 5);
}

}  // namespace
}  // namespace typecase
