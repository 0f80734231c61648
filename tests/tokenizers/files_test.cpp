/// Tokenizers in every form but tokenizer.json: each small one of tests/golden/tokenizer_files
/// gives what the reference reads from it (tools/make_tokenizer_files.py).
#include "base/mapped_file.h"
#include "checkpoint/gguf.h"
#include "checkpoint/gguf_config.h"
#include "text/gguf.h"

#include <typecase/json.h>
#include <typecase/stream_decoder.h>
#include <typecase/tokenizer.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace typecase {
namespace {

const std::string kFolder = TYPECASE_SOURCE_DIR "/tests/golden/tokenizer_files/";

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) out.push_back(line);
  return out;
}

/// The first half of FNV-1a 64, as hexadecimal digits.
std::string fnv(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3;
  char out[17];
  std::snprintf(out, sizeof out, "%016llx", static_cast<unsigned long long>(hash));
  return std::string(out).substr(0, 8);
}

/// The recorded row of an encoding: ids, then the hashes of everything else.
std::string row_of(const Tokenizer& tokenizer, const Encoding& encoding, bool has_offsets) {
  std::string ids, tokens, offsets;
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    ids += (i > 0 ? "," : "") + std::to_string(encoding.ids[i]);
    tokens += (i > 0 ? "\n" : "") + encoding.tokens[i];
    offsets += (i > 0 ? " " : "") + std::to_string(encoding.offsets[i].begin) + " " +
               std::to_string(encoding.offsets[i].end);
  }
  return "[[" + ids + "],\"" + fnv(tokens) + (has_offsets ? fnv(offsets) : "--------") +
         fnv(tokenizer.decode(encoding.ids)) +
         fnv(tokenizer.decode(encoding.ids, {.skip_special_tokens = true})) + "\"]";
}

Tokenizer open(const std::string& name) {
  const std::string gguf = kFolder + name + ".gguf";
  if (!std::filesystem::exists(gguf)) return Tokenizer::from_folder(kFolder + name);
  const MappedFile file(gguf);
  return tokenizer_from_gguf(tokenizer_from_gguf(Gguf::parse(file.bytes())));
}

class TokenizerFile : public ::testing::TestWithParam<const char*> {};

TEST_P(TokenizerFile, EqualsTheReference) {
  const Tokenizer tokenizer = open(GetParam());
  const auto texts = lines_of(kFolder + "texts.jsonl");
  const auto expected = lines_of(kFolder + GetParam() + ".jsonl");
  ASSERT_GE(texts.size(), 300u);
  ASSERT_EQ(texts.size(), expected.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string text = Json::parse(texts[i]).as_string();
    const Encoding encoding = tokenizer.encode(text, {.offsets = true});
    const bool has_offsets = expected[i].find("----") == std::string::npos;
    ASSERT_EQ(row_of(tokenizer, encoding, has_offsets), expected[i])
        << "line " << i + 1 << " of texts.jsonl: " << texts[i] << "\n"
        << ::testing::PrintToString(encoding.tokens);
    ASSERT_EQ(tokenizer.encode_ids(text), encoding.ids);
    StreamDecoder decoder(tokenizer);
    std::string streamed;
    for (const TokenId id : encoding.ids) streamed += decoder.push(id);
    ASSERT_EQ(streamed + decoder.finish(), tokenizer.decode(encoding.ids));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, TokenizerFile,
    ::testing::Values("gguf_llama", "gguf_llama_pre", "gguf_phi3", "gguf_gemma3", "gguf_t5",
                      "gguf_tekken", "gguf_qwen35", "gguf_gpt_4o", "gguf_llama_bpe",
                      "gguf_deepseek_llm", "spm_llama", "spm_llama_silent", "spm_generic_bpe",
                      "spm_generic_plain", "spm_generic_unigram", "spm_gemma", "spm_t5", "tiktoken",
                      "tekken", "wordpiece", "wordpiece_cased", "marian", "marian_bpe",
                      "marian_spaces", "marian_suffix", "bart", "bart_json", "t5_json"),
    [](const auto& test) { return std::string(test.param); });

/// Ids as a model gives them, in any order.
TEST(TokenizerFiles, DecodeAnyIdsAsTheReference) {
  std::map<std::string, Tokenizer> tokenizers;
  const auto rows = lines_of(kFolder + "decoded.jsonl");
  ASSERT_GE(rows.size(), 1200u);
  for (const std::string& line : rows) {
    const Json row = Json::parse(line);
    const std::string& name = row.as_array()[0].as_string();
    const auto& tokenizer = tokenizers.try_emplace(name, open(name)).first->second;
    Tokens ids;
    StreamDecoder decoder(tokenizer);
    std::string streamed;
    for (const Json& id : row.as_array()[1].as_array()) {
      ids.push_back(static_cast<TokenId>(id.as_integer()));
      streamed += decoder.push(ids.back());
    }
    const std::string text = tokenizer.decode(ids);
    ASSERT_EQ(fnv(text), row.as_array()[2].as_string()) << line << "\n" << text;
    const std::string plain = tokenizer.decode(ids, {.skip_special_tokens = true});
    ASSERT_EQ(fnv(plain), row.as_array()[3].as_string()) << line << "\n" << plain;
    ASSERT_EQ(streamed + decoder.finish(), text);
  }
}

}  // namespace
}  // namespace typecase
