// Drafts that the text itself gives: the answer is sample()'s to the last event, in fewer steps.
#include "decode/strategies/one_text.h"

#include "decode/decode.h"
#include "decode/strategies/sample.h"
#include "decode/strategies/text_lookup.h"
#include "decode/table_model.h"

#include <gmock/gmock.h>

#include <random>

namespace typecase {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t kWords = 9;

/// A world in which most words are followed by one other, so that texts go round in circles.
std::vector<std::vector<float>> some_world(std::mt19937& random) {
  std::vector<std::vector<float>> world(kWords, std::vector<float>(kWords));
  for (auto& row : world) {
    for (float& x : row) x = static_cast<float>(random() % 1000) / 300;
    row[random() % kWords] += 4;
    row[1] -= 3;  // ends
  }
  return world;
}

struct Answer {
  DecodeOutput out;
  Tokens streamed;
  int polls = 0, steps = 0;
};

class Counted : public TableModel {
 public:
  Counted(std::vector<std::vector<float>> world, const Tokens& prompt, int& steps)
      : TableModel(std::move(world), {prompt}), steps_(steps) {}
  std::span<float> step(std::span<const TokenId> tokens) override {
    ++steps_;
    return TableModel::step(tokens);
  }
  std::span<const float> step_many(std::span<const TokenId> tokens) override {
    ++steps_;
    return TableModel::step_many(tokens);
  }

 private:
  int& steps_;
};

Answer answer(const std::vector<std::vector<float>>& world, const Tokens& prompt,
              const GenerationConfig& keywords, bool lookup, int polls = 1 << 30) {
  Answer a;
  const ModelFacts facts{.prompt_length = prompt.size(), .vocabulary = kWords};
  const EffectiveConfig config = resolve(keywords, nullptr, {}, facts, nullptr);
  DecodeHooks hooks;
  hooks.lookup = lookup;
  hooks.on_tokens = [&](std::span<const TokenId> t) { a.streamed.push_back(t[0]); };
  hooks.should_stop = [&] { return ++a.polls > polls; };
  Counted model(world, prompt, a.steps);
  Generator random(7);
  a.out = decode(model, config, {.ids = {prompt}, .mask = {}}, random, hooks);
  return a;
}

TEST(OneText, AnswersAsSampleDoesInFewerSteps) {
  std::mt19937 random(1);
  int compared = 0, steps = 0, plain_steps = 0;
  for (int i = 0; i < 400; ++i) {
    const auto world = some_world(random);
    Tokens prompt;
    for (std::size_t n = 1 + random() % 12; n > 0; --n) {
      prompt.push_back(static_cast<TokenId>(2 + random() % (kWords - 2)));
    }
    GenerationConfig keywords;
    keywords.set("max_new_tokens", static_cast<std::int64_t>(1 + random() % 60));
    keywords.set("eos_token_id", 1).set("pad_token_id", 0);
    keywords.set("do_sample", i % 3 == 0).set("top_k", 0);
    if (i % 4 == 1) keywords.set("repetition_penalty", 1.1);
    if (i % 5 == 2) keywords.set("min_new_tokens", 9);
    if (i % 7 == 3) keywords.set("no_repeat_ngram_size", 5);
    keywords.set("return_dict_in_generate", true).set("output_scores", true);
    keywords.set("output_logits", true);
    const int polls = i % 6 == 0 ? 5 : 1 << 30;  // Ctrl-C
    const Answer plain = answer(world, prompt, keywords, false, polls);
    const Answer fast = answer(world, prompt, keywords, true, polls);
    EXPECT_EQ(fast.out.sequences, plain.out.sequences) << i;
    EXPECT_EQ(fast.out.scores, plain.out.scores) << i;
    EXPECT_EQ(fast.out.logits, plain.out.logits) << i;
    EXPECT_EQ(fast.out.interrupted, plain.out.interrupted) << i;
    EXPECT_EQ(fast.streamed, plain.streamed) << i;
    EXPECT_EQ(fast.polls, plain.polls) << i;
    EXPECT_LE(fast.steps, plain.steps) << i;
    ++compared;
    steps += fast.steps;
    plain_steps += plain.steps;
  }
  EXPECT_EQ(compared, 400);
  EXPECT_LT(steps * 3, plain_steps * 2);  // these texts go round in circles
}

TEST(TextLookup, GoesOnAsAfterTheLatestOccurrenceOfTheLongestEnding) {
  TextLookup lookup;
  EXPECT_THAT(lookup.draft({5, 6, 7, 8, 9, 2, 5, 6, 7, 8}).tokens, ElementsAre(9, 2));
  EXPECT_THAT(lookup.draft({4, 5, 6, 7, 8, 9, 5, 6, 7, 8, 3, 5, 6, 7, 8}).tokens,
              ElementsAre(3, 5));  // twice as long: the later one
  EXPECT_THAT(lookup.draft({3, 5, 6, 7, 8, 9, 4, 5, 6, 7, 8, 2, 3, 5, 6, 7, 8}).tokens,
              ElementsAre(9, 4));                                      // but the longest
  EXPECT_THAT(lookup.draft({5, 6, 7, 9, 5, 6, 7}).tokens, IsEmpty());  // three are not enough
  EXPECT_THAT(lookup.draft({5}).tokens, IsEmpty());
}

TEST(TextLookup, FollowsACircleBeyondTheEndOfTheText) {
  EXPECT_THAT(TextLookup().draft({2, 3, 2, 3, 2, 3, 2, 3}).tokens, ElementsAre(2, 3, 2));
  EXPECT_THAT(TextLookup().draft(Tokens(40, 5)).tokens, ElementsAre(5, 5, 5, 5, 5, 5, 5));
}

TEST(TextLookup, AsksForLongerEndingsAfterEveryWrongDraft) {
  const Tokens text{5, 6, 7, 8, 9, 2, 5, 6, 7, 8};
  TextLookup lookup;
  lookup.verified(4, 0);
  EXPECT_THAT(lookup.draft(text).tokens, IsEmpty());  // eight now
  lookup.verified(7, 7);
  EXPECT_THAT(lookup.draft(text).tokens, ElementsAre(9, 2));
  lookup.verified(4, 2);  // partly right: neither
  EXPECT_THAT(lookup.draft(text).tokens, ElementsAre(9, 2));
}

}  // namespace
}  // namespace typecase
