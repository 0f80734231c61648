/// Malformed SentencePiece models, tiktoken ranks, tekken.json and vocab.txt end in an error that
/// says where and what, quickly and in little memory.
#include "../budget.h"
#include "text/byte_ranks.h"
#include "text/gguf.h"
#include "text/marian.h"
#include "text/sentencepiece.h"

#include <typecase/error.h>

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace typecase {
namespace {

using namespace std::string_literals;

struct BadFile {
  const char* name;
  std::string file;
  std::string message;
};

template <class Load>
void refuse(const std::vector<BadFile>& cases, const Load& load) {
  for (const BadFile& bad : cases) {
    SCOPED_TRACE(bad.name);
    const auto start = test::processor_time();
    std::string found = "no error";
    {
      const test::MemoryLimit limit;
      try {
        load(bad.file);
      } catch (const Error& error) {
        found = error.what();
      }
    }
    EXPECT_EQ(found, bad.message);
    EXPECT_LT(test::processor_time() - start, test::kMostTime);
  }
}

/// A field of bytes.   REQUIRES: less than 128 of them, and a field below 16.
std::string field(int number, const std::string& bytes) {
  return std::string(1, static_cast<char>(number << 3 | 2)) +
         std::string(1, static_cast<char>(bytes.size())) + bytes;
}
std::string piece(const std::string& text) { return field(1, field(1, text)); }

TEST(BadTokenizerFiles, SentencePieceModelsAreRefusedWithTheOffset) {
  const std::string nan = "\x15\x00\x00\xC0\x7F"s;
  refuse(
      {{"empty", "", "there are no pieces; is this a SentencePiece model? (at byte 0)"},
       {"no pieces", field(3, ""),
        "there are no pieces; is this a SentencePiece model? (at byte 2)"},
       {"text", "hello, world",
        "field 13 has the unknown type 4; is this a protobuf file? (at byte 2)"},
       {"cut in a piece", piece("abc").substr(0, 5),
        "field 1 has 5 bytes, of which 3 are there; was the download complete? (at byte 0)"},
       {"cut in the inner field", field(1, "\x0A\x05"s + "ab"),
        "field 1 has 5 bytes, of which 2 are there; was the download complete? (at byte 2)"},
       {"cut in a number", "\x0A"s,
        "the message ends inside a number; was the download complete? (at byte 1)"},
       {"endless number", "\x0A"s + std::string(20, '\xFF'),
        "a number has more than ten bytes (at byte 11)"},
       {"length beyond any file", "\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"s,
        "field 1 has 9223372036854775807 bytes, of which 0 are there; was the download "
        "complete? (at byte 0)"},
       {"field 0", "\x02\x00"s, "the field number 0 is none (at byte 0)"},
       {"group", "\x0B"s, "field 1 has the unknown type 3; is this a protobuf file? (at byte 0)"},
       {"piece of another type", "\x08\x01"s, "field 1 has the type 0, expected 2 (at byte 0)"},
       {"text of another type", field(1, "\x08\x01"s),
        "field 1 has the type 0, expected 2 (at byte 2)"},
       {"score of another type", field(1, "\x10\x01"s),
        "field 2 has the type 0, expected 5 (at byte 2)"},
       {"not UTF-8", piece("a\xFF"), "the piece 'a\\xff' is not valid UTF-8 (at byte 2)"},
       {"score NaN", field(1, field(1, "a") + nan), "the score of 'a' is no number (at byte 0)"}},
      [](const std::string& file) { parse_sentencepiece(file); });
}

/// A piece of a type: 2 unknown, 3 control, 6 byte.
std::string piece(const std::string& text, char type) {
  return field(1, field(1, text) + "\x18"s + std::string(1, type));
}

TEST(BadTokenizerFiles, SentencePieceModelsThatTheLibraryRefusesAreRefusedByName) {
  const std::string unk = piece("<unk>", 2);
  refuse({{"no unknown piece", piece("a"), "/pieces: there is no unknown piece"},
          {"two unknown pieces", unk + piece("a", 2), "/pieces/1: there are two unknown pieces"},
          {"empty piece", unk + piece(""), "/pieces/1: a piece has no text"},
          {"piece twice", unk + piece("a") + piece("a"), "/pieces/1: the piece 'a' is given twice"},
          {"piece and control piece", unk + piece("a") + piece("a", 3),
           "/pieces/1: the piece 'a' is given twice"},
          {"bytes missing", unk + field(2, "\x98\x02\x01"s) + piece("<0x00>", 6),
           "/trainer_spec/byte_fallback: byte_fallback needs the piece <0x01>, which is not there"},
          {"words", unk + field(2, "\x18\x03"s),
           "/trainer_spec/model_type: the SentencePiece model is neither Unigram nor BPE "
           "(model_type 3)"},
          {"rewrites decoded text", unk + field(5, field(2, "\4\0\0\0\0\0\0\0"s)),
           "/denormalizer_spec: a character map for decoded text is not supported"},
          {"cut character map", unk + field(3, field(2, "\4"s)),
           "the character map has 1 bytes; its size alone takes 4"}},
         [](const std::string& file) { SentencePieceProcessor(parse_sentencepiece(file)); });
}

TEST(BadTokenizerFiles, MarianFoldersAreRefusedWithTheFile) {
  const auto folder =
      std::filesystem::path(::testing::TempDir()) / ("typecase-marian-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const auto write = [&](const std::string& name, const std::string& content) {
    std::ofstream(folder / name, std::ios::binary) << content;
  };
  const auto message = [&](const Json& config) -> std::string {
    try {
      read_marian(folder, ConfigValue(config, ""));
    } catch (const Error& error) {
      return error.place().file + ": " + error.message();
    }
    return "no error";
  };
  const Json plain = Json::object();
  const std::string at = folder.string();
  EXPECT_EQ(message(plain), at + ": MarianTokenizer needs source.spm, target.spm and vocab.json; "
                                 "source.spm is not there");
  write("source.spm", piece("<unk>", 2));
  write("target.spm", piece("a"));
  write("vocab.json", R"({"a": 0})");
  EXPECT_EQ(message(plain), at + "/target.spm: there is no unknown piece");
  write("target.spm", piece("<unk>", 2));
  EXPECT_EQ(message(plain), at + "/vocab.json: the unknown token '<unk>' is not there");
  write("vocab.json", R"({"a": 0, "b": 0})");
  EXPECT_EQ(message(plain), at + "/vocab.json: the id 0 is given to 'a' and to 'b'");
  EXPECT_EQ(message(Json::parse(R"({"separate_vocabs": true})")),
            ": a vocabulary of its own for each language is not supported");
  EXPECT_EQ(message(Json::parse(R"({"sp_model_kwargs": {"enable_sampling": true}})")),
            ": settings of SentencePiece (sampling) are not supported");
  std::filesystem::remove_all(folder);
}

TEST(BadTokenizerFiles, TiktokenRanksAreRefusedWithTheLine) {
  refuse(
      {{"empty", "", "the file is empty; was the download complete? (line 1)"},
       {"no rank", "YQ==\n", "expected base64, a space and a rank, found 'YQ==' (line 1)"},
       {"no rank behind the space", "YQ== 0\nYg== \n",
        "expected base64, a space and a rank, found 'Yg== ' (line 2)"},
       {"negative", "YQ== -1\n", "expected base64, a space and a rank, found 'YQ== -1' (line 1)"},
       {"more behind the rank", "YQ== 0 1\n",
        "expected base64, a space and a rank, found 'YQ== 0 1' (line 1)"},
       {"rank twice", "YQ== 0\nYg== 0\n", "the rank 0 is given twice (line 2)"},
       {"token twice", "YQ== 0\nYQ== 1\n", "the token 'a' is given twice"},
       {"rank missing", "YQ== 0\nYg== 2\n", "the rank 1 is missing"},
       {"rank too high", "YQ== 99999999\n",
        "the rank 99999999 is too high, the limit is 3999999 (line 1)"},
       {"empty token", " 0\n", "the token is empty (line 1)"}},
      [](const std::string& file) { tiktoken_parts(file); });
}

TEST(BadTokenizerFiles, TekkenFilesAreRefusedWithThePointer) {
  const auto with = [](const std::string& config, const std::string& vocab,
                       const std::string& specials) {
    return "{\"config\": {\"pattern\": \"\\\\S+\"" + config + "}, \"vocab\": " + vocab +
           ", \"special_tokens\": " + specials + "}";
  };
  const std::string vocab = R"([{"token_bytes": "YQ=="}])";
  refuse(
      {{"no config", "{}", "the key 'config' is missing"},
       {"old file", R"({"config": {}})",
        "a tekken.json without special_tokens is too old to be read on its own"},
       {"ranks with a gap", with("", vocab, R"([{"rank": 1, "token_str": "<s>"}])"),
        "/special_tokens: the rank 0 is missing or given twice at '<s>'"},
       {"too many specials", with(", \"default_num_special_tokens\": 99999999", vocab, "[]"),
        "/config/default_num_special_tokens: 99999999 is not from 0 to 65536"},
       {"negative size", with(", \"default_vocab_size\": -1", vocab, "[]"),
        "/config/default_vocab_size: -1 is not from 0 to 4000000"},
       {"less than the specials",
        with(", \"default_vocab_size\": 1, \"default_num_special_tokens\": 2", vocab, "[]"),
        "/config: default_vocab_size is 1, which is less than the 2 special tokens"},
       {"token without bytes", with("", "[{}]", "[]"),
        "/vocab/0: the key 'token_bytes' is missing"},
       {"vocab is no array", with("", "{}", "[]"), "/vocab: expected array"},
       {"empty token", with("", R"([{"token_bytes": ""}])", "[]"), "/vocab/0: the token is empty"},
       {"token twice", with("", R"([{"token_bytes": "YQ=="}, {"token_bytes": "YQ=="}])", "[]"),
        "the token 'a' is given twice"}},
      [](const std::string& file) { parse_tekken(file); });
}

TEST(BadTokenizerFiles, VocabularyTextsAreRefusedWithTheLine) {
  refuse({{"empty", "", "the file is empty; was the download complete? (line 1)"},
          {"token twice", "[UNK]\na\na\n", "the token 'a' is given twice (line 3)"},
          {"not UTF-8", "[UNK]\n\xFF\n", "the line is not valid UTF-8 (line 2)"},
          {"too long", std::string(70000, 'a'),
           "the token " + quote(std::string(70000, 'a')) +
               " has 70000 bytes, the limit is 65536 (line 1)"}},
         [](const std::string& file) { parse_vocab_txt(file); });
}

GgufTokenizer gguf(const std::string& model) {
  return {.model = model, .pre = "default", .tokens = {"<unk>", "<s>", "</s>", "a", "b", "ab"}};
}

std::string refusal(const GgufTokenizer& data) {
  try {
    tokenizer_from_gguf(data);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(BadTokenizerFiles, GgufMetadataAreRefusedWithTheKey) {
  EXPECT_EQ(refusal(gguf("rwkv")),
            "tokenizer.ggml.model: the tokenizer 'rwkv' is not supported; supported are 'gpt2', "
            "'llama', 'gemma4', 't5', 'bert'");
  EXPECT_EQ(refusal(gguf("llama")),
            "tokenizer.ggml.scores: the scores are missing; a tokenizer 'llama' without merges "
            "needs them");
  EXPECT_EQ(refusal(gguf("t5")),
            "tokenizer.ggml.scores: the scores are missing; a tokenizer 't5' without merges needs "
            "them");
  auto data = gguf("gpt2");
  EXPECT_EQ(refusal(data),
            "tokenizer.ggml.merges: a byte-level tokenizer without merges is not supported");
  data.merges = {"a b", "a b c"};
  EXPECT_EQ(refusal(data),
            "tokenizer.ggml.merges[1]: expected two parts with one space between, found 'a b c'");
  data.merges = {"a b", "a c"};
  EXPECT_EQ(refusal(data),
            "tokenizer.ggml.merges[1]: the merge of 'a' and 'c' needs the token 'c', which is not "
            "in the vocabulary");
  data.merges = {"a b"};
  data.pre = "made-up";
  EXPECT_EQ(refusal(data),
            "tokenizer.ggml.pre: the pre-tokenizer 'made-up' is not one this program knows");
}

TEST(BadTokenizerFiles, TokensTooLongToDeriveMergesFromAreRefused) {
  auto data = gguf("llama");
  data.tokens.push_back(std::string(60000, 'a'));
  data.scores.assign(data.tokens.size(), 0);
  EXPECT_NE(refusal(data).find("the tokens are too long to derive merges from"), std::string::npos);
}

}  // namespace
}  // namespace typecase
