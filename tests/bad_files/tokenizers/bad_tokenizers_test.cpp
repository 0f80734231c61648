/// Malformed tokenizers end in an error that names the culprit, quickly and in little memory.
#include "../budget.h"
#include "bad_tokenizer.h"
#include "text/gguf.h"
#include "text/merges_file.h"
#include "text/tokenizer_json.h"

#include <typecase/error.h>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace typecase {

std::string deep_json();

namespace {

std::string with_edit(const BadTokenizer& bad) {
  std::string text = good_tokenizer();
  const std::string_view old = bad.replace;
  if (old.empty()) return bad.by;
  const auto at = text.find(old);
  EXPECT_NE(at, std::string::npos) << "nothing to replace: " << old;
  return at == std::string::npos ? text : text.replace(at, old.size(), bad.by);
}

/// What `load` throws, as "key: message".
template <class Load>
std::string error_of(Load&& load) {
  try {
    load();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(BadTokenizers, TheGoodOneLoads) {
  const auto tokenizer = make_tokenizer(parse_tokenizer_json(good_tokenizer()));
  EXPECT_EQ(tokenizer.encode_ids("abc"), (Tokens{6, 4}));
}

TEST(BadTokenizers, TokenizerJsonIsRefusedWithTheCulpritsName) {
  ASSERT_GE(bad_tokenizers().size(), 110u);
  for (const BadTokenizer& bad : bad_tokenizers()) {
    SCOPED_TRACE(bad.name);
    const std::string text = with_edit(bad);
    const auto start = test::processor_time();
    std::string found;
    {
      const test::MemoryLimit limit;
      found = error_of([&] { parse_tokenizer_json(text); });
    }
    EXPECT_EQ(found, bad.message);
    EXPECT_LT(test::processor_time() - start, test::kMostTime);
  }
}

TEST(BadTokenizers, TextThatIsNoJsonIsRefusedWithLineAndByte) {
  const std::string good = good_tokenizer();
  for (const std::string& text :
       {std::string(), std::string("{"), good.substr(0, good.size() - 1), good + "x",
        "\xEF\xBB\xBF" + good, std::string("{\"model\": \"\xC3\"}"),
        std::string("{\"model\": NaN}"), std::string("{\"model\": \"\\ud800\"}"), deep_json()}) {
    SCOPED_TRACE(text.substr(0, 40));
    try {
      parse_tokenizer_json(text);
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      if (error.code() == Code::limit) {
        EXPECT_EQ(error.message(), "JSON is nested deeper than 64");
      } else {
        EXPECT_EQ(error.code(), Code::bad_file);
        EXPECT_TRUE(error.place().line || error.place().offset) << error.what();
      }
    }
  }
}

struct BadMerges {
  const char* name;
  const char* text;
  int line;
  const char* message;
};

constexpr BadMerges kBadMerges[] = {
    {"empty", "", 1, "the file is empty; was the download complete?"},
    {"byte order mark",
     "\xEF\xBB\xBF"
     "a b\n",
     1, "the file starts with a byte order mark; save it as plain UTF-8"},
    {"no space", "#version: 0.2\na b\nab\n", 3,
     "expected two parts with one space between, found 'ab'"},
    {"three parts", "a b\na b c\n", 2, "expected two parts with one space between, found 'a b c'"},
    {"trailing space", "a b \n", 1, "expected two parts with one space between, found 'a b '"},
    {"unknown token", "a b\n\nab d\n", 3,
     "the merge of 'ab' and 'd' needs the token 'd', which is not in the vocabulary"},
    {"unknown result", "a b\r\nb a\r\n", 2,
     "the merge of 'b' and 'a' needs the token 'ba', which is not in the vocabulary"},
    {"comment", "# a comment\n", 1,
     "expected two parts with one space between, found '# a comment'"},
    {"not UTF-8", "a b\na \xFF\n", 2, "the line is not valid UTF-8"},
    {"last line without its end", "a b\na", 2,
     "expected two parts with one space between, found 'a'"},
};

TEST(BadTokenizers, MergesAreRefusedWithTheLine) {
  for (const BadMerges& bad : kBadMerges) {
    SCOPED_TRACE(bad.name);
    Vocabulary vocabulary;
    vocabulary.add("a", 0);
    vocabulary.add("b", 1);
    vocabulary.add("ab", 2);
    Bpe::Builder builder(std::move(vocabulary), {});
    try {
      read_merges(bad.text, builder);
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.message(), bad.message);
      EXPECT_EQ(error.place().line, bad.line);
    }
  }
}

GgufTokenizer small_gguf() {
  GgufTokenizer out{.model = "gpt2", .pre = "smollm", .tokens = {"a", "b", "ab"}};
  out.merges = {"a b"};
  return out;
}

TEST(BadTokenizers, GgufTokenizersAreRefusedWithTheKey) {
  EXPECT_EQ(error_of([] { tokenizer_from_gguf(small_gguf()); }), "no error");
  auto data = small_gguf();
  data.model = "rwkv";
  EXPECT_EQ(error_of([&] { tokenizer_from_gguf(data); }),
            "tokenizer.ggml.model: the tokenizer 'rwkv' is not supported; supported are 'gpt2', "
            "'llama', 'gemma4', 't5', 'bert'");
  data = small_gguf();
  data.pre = "no-such-pre";
  EXPECT_EQ(error_of([&] { tokenizer_from_gguf(data); }),
            "tokenizer.ggml.pre: the pre-tokenizer 'no-such-pre' is not one this program knows");
  data = small_gguf();
  data.merges = {"a b", "ab"};
  EXPECT_EQ(error_of([&] { tokenizer_from_gguf(data); }),
            "tokenizer.ggml.merges[1]: expected two parts with one space between, found 'ab'");
  data.merges = {"a c"};
  EXPECT_EQ(error_of([&] { tokenizer_from_gguf(data); }),
            "tokenizer.ggml.merges[0]: the merge of 'a' and 'c' needs the token 'c', which is not "
            "in the vocabulary");
}

}  // namespace
}  // namespace typecase
