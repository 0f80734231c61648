/// Malformed special_tokens_map.json and added_tokens.json, the lists that older checkpoints keep
/// beside tokenizer_config.json, end in an error that names the file and the key.
#include "../budget.h"

#include <typecase/error.h>
#include <typecase/tokenizer.h>

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace typecase {
namespace {

struct BadList {
  const char* file;
  std::string content;
  std::string message;  ///< with the place behind the file's name
};

const std::string kMap = "special_tokens_map.json", kAdded = "added_tokens.json";

class TokenLists : public ::testing::Test {
 protected:
  TokenLists() {
    std::filesystem::create_directories(folder_);
    write(
        "tokenizer.json",
        R"({"model": {"type": "WordLevel", "vocab": {"<unk>": 0, "a": 1}, "unk_token": "<unk>"}})");
    write("tokenizer_config.json", R"({"tokenizer_class": "PreTrainedTokenizerFast"})");
  }
  ~TokenLists() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }
  /// What loading says, the folder's own name left out.
  std::string message() const {
    const test::MemoryLimit limit;
    try {
      Tokenizer::from_folder(folder_.string());
    } catch (const Error& error) {
      std::string out = error.what();
      const auto at = out.find(folder_.string());
      return at == std::string::npos ? out : out.erase(at, folder_.string().size() + 1);
    }
    return "no error";
  }
  void refuse(const std::string& file, const std::vector<BadList>& cases) const {
    for (const BadList& bad : cases) {
      SCOPED_TRACE(bad.file);
      write(file, bad.content);
      const auto start = test::processor_time();
      EXPECT_EQ(message(), bad.message);
      EXPECT_LT(test::processor_time() - start, test::kMostTime);
    }
    std::filesystem::remove(folder_ / file);
  }

  const std::filesystem::path folder_ = std::filesystem::path(::testing::TempDir()) /
                                        ("typecase-token-lists-" + std::to_string(getpid()));
};

TEST_F(TokenLists, SpecialTokensMapIsRefusedWithTheKey) {
  EXPECT_EQ(message(), "no error");
  refuse(
      kMap,
      {
          {"empty", "",
           "special_tokens_map.json:1: not valid JSON: the text ends too early; was it cut off? "
           "(at byte 0)"},
          {"text", "hello", "special_tokens_map.json:1: not valid JSON near 'hello' (at byte 0)"},
          {"cut", R"({"bos_token": "<s>")",
           "special_tokens_map.json:1: not valid JSON: the text ends too early; was it cut off? "
           "(at byte 19)"},
          {"array", R"(["<s>"])", "special_tokens_map.json: expected object, found array"},
          {"string", R"("<s>")", "special_tokens_map.json: expected object, found string"},
          {"null", "null", "special_tokens_map.json: expected object, found null"},
          {"not UTF-8", "{\"bos_token\": \"\xFF\"}",
           "special_tokens_map.json:1: not valid JSON near '\\xff\"}' (at byte 15)"},
          {"half a surrogate pair", R"({"bos_token": "\ud800"})",
           "special_tokens_map.json:1: not valid JSON near '\"}' (at byte 21)"},
          {"deep", std::string(100000, '['),
           "special_tokens_map.json: JSON is nested deeper than 64"},
          {"number for a token", R"({"bos_token": 5})",
           "special_tokens_map.json: /bos_token: expected object, found integer"},
          {"list for a token", R"({"eos_token": ["</s>"]})",
           "special_tokens_map.json: /eos_token: expected object, found array"},
          {"object without content", R"({"pad_token": {"lstrip": true}})",
           "special_tokens_map.json: /pad_token: the key 'content' is missing"},
          {"content of another type", R"({"pad_token": {"content": 1}})",
           "special_tokens_map.json: /pad_token/content: expected string, found integer"},
          {"content null", R"({"pad_token": {"content": null}})",
           "special_tokens_map.json: /pad_token/content: expected string, found null"},
          {"flag of another type", R"({"unk_token": {"content": "<unk>", "lstrip": "yes"}})",
           "special_tokens_map.json: /unk_token/lstrip: expected boolean, found string"},
          {"own token of another type", R"({"image_token": true})",
           "special_tokens_map.json: /image_token: expected object, found boolean"},
          {"additional: no list", R"({"additional_special_tokens": "<x>"})",
           "special_tokens_map.json: /additional_special_tokens: expected array, found string"},
          {"additional: number inside", R"({"additional_special_tokens": ["<x>", 7]})",
           "special_tokens_map.json: /additional_special_tokens/1: expected object, found integer"},
          {"extra: number inside", R"({"extra_special_tokens": [7]})",
           "special_tokens_map.json: /extra_special_tokens/0: expected object, found integer"},
          {"extra: object of numbers", R"({"extra_special_tokens": {"image_token": 7}})",
           "special_tokens_map.json: /extra_special_tokens/image_token: expected object, found "
           "integer"},
      });
}

TEST_F(TokenLists, AddedTokensAreRefusedWithTheKey) {
  refuse(kAdded,
         {
             {"empty", "",
              "added_tokens.json:1: not valid JSON: the text ends too early; was it cut off? (at "
              "byte 0)"},
             {"text", "hello", "added_tokens.json:1: not valid JSON near 'hello' (at byte 0)"},
             {"cut", R"({"<s>": 1)",
              "added_tokens.json:1: not valid JSON: the text ends too early; was it cut off? (at "
              "byte 9)"},
             {"array", R"([{"content": "<s>", "id": 1}])",
              "added_tokens.json: expected object, found array"},
             {"not UTF-8", "{\"\xFF\": 1}",
              "added_tokens.json:1: not valid JSON near '\\xff\": 1}' (at byte 2)"},
             {"deep", std::string(100000, '{'),
              "added_tokens.json:1: not valid JSON near '{{{{{{{{{{{{{{{{{{{{' (at byte 1)"},
             {"string for an id", R"({"<s>": "1"})",
              "added_tokens.json: /<s>: expected integer, found string"},
             {"null for an id", R"({"<s>": null})",
              "added_tokens.json: /<s>: expected integer, found null"},
             {"fraction for an id", R"({"<s>": 1.5})",
              "added_tokens.json: /<s>: expected integer, found number"},
             {"object for an id", R"({"<s>": {"id": 1}})",
              "added_tokens.json: /<s>: expected integer, found object"},
             {"id beyond any integer", R"({"<s>": 99999999999999999999})",
              "added_tokens.json: /<s>: expected integer, found number"},
         });
}

/// The reference does not even open them then.
TEST_F(TokenLists, AreNotReadBesideAddedTokensDecoder) {
  write("tokenizer_config.json", R"({"added_tokens_decoder": {"2": {"content": "<s>"}}})");
  write(kMap, "hello");
  write(kAdded, "hello");
  EXPECT_EQ(message(), "no error");
}

}  // namespace
}  // namespace typecase
