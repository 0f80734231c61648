// Options that only make an answer come sooner: the tokens are those of the plain way.
#include <typecase/model.h>

#include <gmock/gmock.h>

#include <algorithm>
#include <iostream>
#include <random>

namespace typecase {
namespace {

const std::string kGolden = std::string(TYPECASE_SOURCE_DIR) + "/tests/golden/";

constexpr const char* kModels[] = {"llama-2", "gpt2",    "mistral", "gemma2",
                                   "qwen3",   "mixtral", "bloom",   "llama-longrope"};

/// A prompt that repeats itself here and there.
Tokens some_prompt(std::mt19937& random, std::int64_t vocabulary) {
  Tokens out;
  const std::size_t length = 4 + random() % 40;
  while (out.size() < length) {
    const std::size_t n = 3 + random() % 9;
    if (out.size() > n && random() % 2 == 0) {
      const std::size_t from = random() % (out.size() - n);
      for (std::size_t i = 0; i < n; ++i) out.push_back(out[from + i]);
    } else {
      out.push_back(static_cast<TokenId>(3 + random() % static_cast<std::size_t>(vocabulary - 3)));
    }
  }
  return out;
}

struct Count {
  int prompts = 0, fresh = 0;
};

/// Equal answers to `prompts` prompts, greedy ones and every third drawn.
Count compare(const Model& plain, const Model& fast, int prompts, unsigned seed,
              std::size_t least = 1) {
  std::mt19937 random(seed);
  Count count;
  for (int i = 0; i < prompts; ++i) {
    GenerateRequest request;
    request.input_ids = {some_prompt(random, plain.vocabulary())};
    // Some to the model's last position.
    const std::size_t room = plain.max_length().value_or(1000) - request.input_ids[0].size();
    const std::size_t fresh = std::min(least + random() % 40, room);
    request.keywords.set("max_new_tokens", static_cast<std::int64_t>(fresh));
    request.keywords.set("do_sample", i % 3 == 2).set("temperature", 0.5);
    if (i % 5 == 1) request.keywords.set("min_new_tokens", 12);
    if (i % 4 == 3) request.keywords.set("repetition_penalty", 1.05);
    Generator a(i), b(i);
    request.generator = &a;
    const auto expected = plain.generate(request).sequences;
    request.generator = &b;
    EXPECT_EQ(fast.generate(request).sequences, expected) << plain.path() << ", prompt " << i;
    ++count.prompts;
    count.fresh += static_cast<int>(expected[0].size() - request.input_ids[0].size());
  }
  return count;
}

class SameTokens : public ::testing::TestWithParam<const char*> {};

TEST_P(SameTokens, WithDraftsFromTheText) {
  for (const char* dtype : {"float32", "bfloat16"}) {
    const std::string path = kGolden + GetParam();
    const Model plain = Model::open(path, {.dtype = dtype});
    const Model fast = Model::open(path, {.dtype = dtype, .lookup = "on"});
    const Count count = compare(plain, fast, 30, 1);
    EXPECT_EQ(count.prompts, 30);
    std::cout << GetParam() << ' ' << dtype << ": " << count.prompts << " prompts, " << count.fresh
              << " new tokens equal\n";
  }
}

TEST_P(SameTokens, WithAScreenedHead) {
  for (const char* dtype : {"float32", "bfloat16"}) {
    const std::string path = kGolden + GetParam();
    const Model plain = Model::open(path, {.dtype = dtype});
    const Model fast = Model::open(path, {.dtype = dtype, .screen_head = "on"});
    const Model both = Model::open(path, {.dtype = dtype, .lookup = "on", .screen_head = "on"});
    const Count count = compare(plain, fast, 15, 2);
    EXPECT_EQ(count.prompts + compare(plain, both, 15, 3).prompts, 30);
  }
}

TEST_P(SameTokens, WithDraftsFromACopyInEightBits) {
  constexpr std::size_t kBegun = 50;  // tokens after which the copy drafts
  for (const char* dtype : {"float32", "bfloat16"}) {
    const std::string path = kGolden + GetParam();
    const Model plain = Model::open(path, {.dtype = dtype});
    const Model fast = Model::open(path, {.dtype = dtype, .self_speculation = "on"});
    const Model all = Model::open(
        path, {.dtype = dtype, .lookup = "on", .screen_head = "on", .self_speculation = "on"});
    const Count count = compare(plain, fast, 15, 4, kBegun);
    EXPECT_EQ(count.prompts + compare(plain, all, 15, 5, kBegun).prompts, 30);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, SameTokens, ::testing::ValuesIn(kModels), [](const auto& at) {
  std::string name = at.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace typecase
