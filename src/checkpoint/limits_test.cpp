/// Each limit at its value and one above, and the time that the largest headers take.
#include "base/limits.h"

#include "checkpoint/config.h"
#include "checkpoint/gguf.h"
#include "checkpoint/gguf_config.h"
#include "checkpoint/index.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/test_files.h"

#include <typecase/error.h>

#include <gtest/gtest.h>

#include <cstdio>
#include <ctime>
#include <optional>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kSlowdown = 10;
#else
constexpr double kSlowdown = 1;
#endif

namespace typecase {
namespace {

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

/// The code of the error, or nothing.
std::optional<Code> refused(const auto& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.code();
  }
  return std::nullopt;
}

std::string empty_tensors(std::uint64_t n) {
  std::string header = "{";
  for (std::uint64_t i = 0; i < n; ++i) {
    header += (i == 0 ? "\"t" : ",\"t") + std::to_string(i) +
              R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  }
  return test::safetensors(header + "}");
}

std::string many_keys(std::uint64_t n) {
  std::string out = "GGUF" + test::u32(3) + test::u64(0) + test::u64(n);
  for (std::uint64_t i = 0; i < n; ++i) out += test::gguf_text(std::to_string(i)) + test::of_u32(1);
  return out;
}

std::string many_tensors(std::uint64_t n) {
  test::GgufFile f;
  for (std::uint64_t i = 0; i < n; ++i) f.tensor({std::to_string(i), {1}, 24, 1});  // int8
  return f.build();
}

/// The largest header takes under a second of a free processor; three are allowed, and more to
/// sanitizers. Anything quadratic would take hours.
std::size_t quickly(const auto& parse, const std::string& file) {
  const std::clock_t start = std::clock();  // of the process: other programs do not count
  const std::size_t out = parse(file);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  std::printf("%.2f s\n", seconds);
  EXPECT_LT(seconds, 3 * kSlowdown);
  return out;
}

TEST(Limits, TensorsOfSafetensors) {
  const auto parse = [](const std::string& s) { return parse_safetensors(bytes(s)).size(); };
  EXPECT_EQ(quickly(parse, empty_tensors(limits::kTensors)), limits::kTensors);
  EXPECT_EQ(refused([&] { parse(empty_tensors(limits::kTensors + 1)); }), Code::limit);
}

TEST(Limits, HeaderOfSafetensors) {
  const auto parse = [](std::uint64_t n) {
    parse_safetensors(bytes(test::safetensors("{}" + std::string(n - 2, ' '))));
  };
  EXPECT_EQ(refused([&] { parse(limits::kSafetensorsHeader); }), std::nullopt);
  EXPECT_EQ(refused([&] { parse(limits::kSafetensorsHeader + 1); }), Code::limit);
}

TEST(Limits, NameAndRankOfSafetensors) {
  const auto parse = [](std::uint64_t name, int rank) {
    std::string shape = "[0";
    for (int i = 1; i < rank; ++i) shape += ",1";
    parse_safetensors(
        bytes(test::safetensors("{\"" + std::string(name, 'n') + R"(":{"dtype":"F32","shape":)" +
                                shape + R"(],"data_offsets":[0,0]}})")));
  };
  EXPECT_EQ(refused([&] { parse(limits::kName, limits::kRank); }), std::nullopt);
  EXPECT_EQ(refused([&] { parse(limits::kName + 1, 1); }), Code::limit);
  EXPECT_EQ(refused([&] { parse(1, limits::kRank + 1); }), Code::limit);
}

TEST(Limits, KeysOfGguf) {
  const auto parse = [](const std::string& s) { return Gguf::parse(bytes(s)).metadata().size(); };
  EXPECT_EQ(quickly(parse, many_keys(limits::kGgufKeys)), limits::kGgufKeys);
  EXPECT_EQ(refused([&] { parse(many_keys(limits::kGgufKeys + 1)); }), Code::limit);
}

TEST(Limits, TensorsOfGguf) {
  const auto parse = [](const std::string& s) { return Gguf::parse(bytes(s)).tensors().size(); };
  EXPECT_EQ(quickly(parse, many_tensors(limits::kTensors)), limits::kTensors);
  EXPECT_EQ(refused([&] { parse(many_tensors(limits::kTensors + 1)); }), Code::limit);
}

TEST(Limits, StringsAndArraysOfGguf) {
  const auto parse = [](const std::string& value) {
    Gguf::parse(bytes(test::GgufFile().key("x", value).build()));
  };
  const auto text = [](std::uint64_t n) { return test::of_text(std::string(n, 's')); };
  const auto array = [](std::uint64_t n) {
    return test::of_numbers<std::uint8_t>(0, std::vector<std::uint8_t>(n));
  };
  EXPECT_EQ(refused([&] { parse(text(limits::kGgufString)); }), std::nullopt);
  EXPECT_EQ(refused([&] { parse(text(limits::kGgufString + 1)); }), Code::limit);
  EXPECT_EQ(refused([&] { parse(array(limits::kGgufArray)); }), std::nullopt);
  EXPECT_EQ(refused([&] { parse(array(limits::kGgufArray + 1)); }), Code::limit);
}

TEST(Limits, TokensOfGguf) {
  const auto parse = [](std::uint64_t tokens, std::uint64_t longest) {
    std::vector<std::string> all(tokens);
    all[0] = std::string(longest, 't');
    const auto file = test::GgufFile()
                          .key("tokenizer.ggml.model", test::of_text("gpt2"))
                          .key("tokenizer.ggml.tokens", test::of_texts(all))
                          .build();
    tokenizer_from_gguf(Gguf::parse(bytes(file)));
  };
  EXPECT_EQ(refused([&] { parse(limits::kVocabulary, 1); }), std::nullopt);
  EXPECT_EQ(refused([&] { parse(limits::kVocabulary + 1, 1); }), Code::limit);
  EXPECT_EQ(refused([&] { parse(1, limits::kToken); }), std::nullopt);
  EXPECT_EQ(refused([&] { parse(1, limits::kToken + 1); }), Code::limit);
}

TEST(Limits, Shards) {
  const auto parse = [](std::uint64_t n) {
    std::string map = "{\"weight_map\":{";
    for (std::uint64_t i = 0; i < n; ++i) {
      const std::string number = std::to_string(i);
      map += (i == 0 ? "\"" : ",\"") + number + "\":\"" + number + ".safetensors\"";
    }
    return parse_shard_index(map + "}}").files.size();
  };
  EXPECT_EQ(parse(limits::kShards), limits::kShards);
  EXPECT_EQ(refused([&] { parse(limits::kShards + 1); }), Code::limit);
}

TEST(Limits, ConfigFile) {
  const test::TemporaryFolder folder;
  const auto read = [&](std::uint64_t n) {
    const auto path = folder.write("c.json", "{}" + std::string(n - 2, ' '));
    read_json_object(path, limits::kConfigFile);
  };
  EXPECT_EQ(refused([&] { read(limits::kConfigFile); }), std::nullopt);
  EXPECT_EQ(refused([&] { read(limits::kConfigFile + 1); }), Code::limit);
}

}  // namespace
}  // namespace typecase
