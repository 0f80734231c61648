// Prompt lookup and assisted decoding in a world of five words: whatever is drafted, greedy text is
// the greedy text, and sampled text follows the model's distribution.
#include "decode/decode.h"
#include "decode/processor_list.h"
#include "decode/strategies/prompt_lookup.h"
#include "decode/table_model.h"

#include <typecase/error.h>

#include <gmock/gmock.h>

#include <cmath>
#include <map>

namespace typecase {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using World = std::vector<std::vector<float>>;

World logs(World p) {
  for (auto& row : p) {
    for (float& x : row) x = std::log(x);
  }
  return p;
}

/// 0 pads, 1 ends.
const World kTarget = logs({{.2f, .2f, .2f, .2f, .2f},
                            {.2f, .2f, .2f, .2f, .2f},
                            {.05f, .10f, .05f, .45f, .35f},
                            {.05f, .35f, .25f, .05f, .30f},
                            {.05f, .05f, .50f, .30f, .10f}});
/// Agrees after 2, disagrees after 3 and 4.
const World kAssistant = logs({{.2f, .2f, .2f, .2f, .2f},
                               {.2f, .2f, .2f, .2f, .2f},
                               {.05f, .05f, .05f, .50f, .35f},
                               {.05f, .10f, .30f, .05f, .50f},
                               {.05f, .05f, .20f, .60f, .10f}});

struct Call {
  Tokens prompt{2};
  GenerationConfig keywords{};
  GenerationConfig assistant{};
  std::int64_t seed = 0;
};

Tokens generate(Call call, bool with_assistant) {
  call.keywords.set("pad_token_id", 0).set("eos_token_id", 1);
  const DecodeInput input{.ids = {call.prompt}, .mask = {}};
  const ModelFacts facts{
      .prompt_length = call.prompt.size(), .vocabulary = 5, .has_assistant = with_assistant};
  const EffectiveConfig config = resolve(call.keywords, nullptr, {}, facts, nullptr);
  Assistant assistant;
  assistant.config = call.assistant;
  assistant.start = [](const Tokens& ids, const std::vector<std::uint8_t>&) {
    return std::make_unique<TableModel>(kAssistant, std::vector<Tokens>{ids});
  };
  DecodeHooks hooks;
  hooks.assistant = &assistant;
  TableModel model(kTarget, input.ids);
  Generator random(call.seed);
  return decode(model, config, input, random, hooks).sequences.at(0);
}

TEST(Assisted, GreedyTextIsTheGreedyTextWhateverIsDrafted) {
  for (TokenId first = 2; first < 5; ++first) {
    for (const int length : {1, 2, 3, 4}) {
      for (const int drafted : {1, 2, 5}) {
        Call call{.prompt = {first}};
        call.keywords.set("max_new_tokens", length);
        call.assistant.set("num_assistant_tokens", drafted);
        call.assistant.set("assistant_confidence_threshold", 0.0);
        const Tokens plain = generate(call, false);
        EXPECT_EQ(generate(call, true), plain);
        call.keywords.set("prompt_lookup_num_tokens", drafted);
        EXPECT_EQ(generate(call, false), plain);
      }
    }
  }
}

TEST(Assisted, SampledTextFollowsTheModelNotTheAssistant) {
  std::map<TokenId, int> first;
  constexpr int kRuns = 1000;
  for (int seed = 0; seed < kRuns; ++seed) {
    Call call{.prompt = {4}, .seed = seed};
    call.keywords.set("max_new_tokens", 2).set("do_sample", true).set("top_k", 0);
    call.assistant.set("assistant_confidence_threshold", 0.0);
    ++first[generate(call, true)[1]];
  }
  for (const TokenId v : {0, 1, 2, 3, 4}) {  // 4 standard deviations of a share are under 0.064
    const double expected = std::exp(static_cast<double>(kTarget[4][static_cast<std::size_t>(v)]));
    EXPECT_NEAR(first[v] / static_cast<double>(kRuns), expected, 0.064) << v;
  }
}

Tokens lookup(const Tokens& ids, GenerationConfig keywords) {
  keywords.set("eos_token_id", 1);
  const ModelFacts facts{.prompt_length = ids.size(), .vocabulary = 5};
  const EffectiveConfig config = resolve(keywords, nullptr, {}, facts, nullptr);
  const Processors processors = build_processors(config, {.ids = {ids}, .mask = {}}, 5, {});
  return PromptLookup(config, processors, 5).draft(ids).tokens;
}

TEST(PromptLookup, GoesOnAsAfterTheFirstOccurrenceOfTheLongestEnding) {
  const auto m = [](int count) {
    return GenerationConfig().set("max_new_tokens", 8).set("prompt_lookup_num_tokens", count);
  };
  EXPECT_THAT(lookup({3, 2, 4, 3, 3, 2}, m(2)), ElementsAre(4, 3));
  EXPECT_THAT(lookup({3, 2, 4, 3, 3, 2}, m(9)), ElementsAre(4, 3, 3, 2));
  EXPECT_THAT(lookup({2, 4, 3, 2}, m(1)), ElementsAre(4));        // no "3 2" before: the last word
  EXPECT_THAT(lookup({3, 2, 4, 1, 3, 2}, m(3)), ElementsAre(4));  // not over an end token
  EXPECT_THAT(lookup({2, 3, 4}, m(3)), IsEmpty());
  EXPECT_THAT(lookup({2}, m(3)), IsEmpty());
}

TEST(PromptLookup, ForbiddenTokensEndADraft) {
  auto config = GenerationConfig().set("max_new_tokens", 8).set("prompt_lookup_num_tokens", 3);
  config.set("suppress_tokens", Json::array_of(std::vector{3}));
  EXPECT_THAT(lookup({3, 2, 4, 3, 3, 2}, config), ElementsAre(4));
}

TEST(Assisted, RefusesWhatTheReferenceRefuses) {
  Call call{};
  call.keywords.set("max_new_tokens", 4).set("prompt_lookup_num_tokens", 0);
  EXPECT_THROW(generate(call, false), Error);
  call.keywords.set("prompt_lookup_num_tokens", 3).set("assistant_ensemble_weight", 0.5);
  EXPECT_THROW(generate(call, false), Error);
}

}  // namespace
}  // namespace typecase
