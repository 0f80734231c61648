#include "decode/decode.h"

#include "decode/table_model.h"
#include "decode/transition_scores.h"

#include <typecase/error.h>

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

namespace typecase {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;

/// The five-word world: 0 pads, 1 ends.
std::vector<std::vector<float>> five_words() {
  const std::vector<std::vector<double>> p = {{.2, .2, .2, .2, .2},
                                              {.2, .2, .2, .2, .2},
                                              {.05, .10, .05, .45, .35},
                                              {.05, .35, .25, .05, .30},
                                              {.05, .05, .50, .30, .10}};
  std::vector<std::vector<float>> out;
  for (const auto& row : p) {
    out.emplace_back();
    // The reference's table is ln of float32 probabilities, in float32.
    for (const double x : row) out.back().push_back(std::log(static_cast<float>(x)));
  }
  return out;
}

DecodeOutput generate(GenerationConfig keywords, const DecodeHooks& hooks = {}) {
  keywords.set("pad_token_id", 0).set("eos_token_id", 1);
  const DecodeInput input{.ids = {{2}}, .mask = {}};
  const ModelFacts facts{.prompt_length = 1, .vocabulary = 5};
  const EffectiveConfig config = resolve(keywords, nullptr, {}, facts, nullptr);
  TableModel model(five_words(), input.ids);
  Generator random(0);
  return decode(model, config, input, random, hooks);
}

TEST(Greedy, TakesTheMostProbableTokenUntilTheEnd) {
  const auto out = generate(GenerationConfig().set("max_new_tokens", 6));
  EXPECT_THAT(out.sequences, ElementsAre(ElementsAre(2, 3, 1)));
}

TEST(Sampling, DrawsTheReferencesTokens) {
  const auto config = GenerationConfig().set("max_new_tokens", 8).set("do_sample", true);
  const auto out = generate(GenerationConfig(config).set("top_k", 0));
  EXPECT_THAT(out.sequences, ElementsAre(ElementsAre(2, 4, 2, 4, 2, 4, 2, 3, 4)));
}

TEST(Sampling, FinishedRowsArePaddedAndStillConsumeRandomNumbers) {
  const auto out = generate(GenerationConfig()
                                .set("max_new_tokens", 8)
                                .set("do_sample", true)
                                .set("top_k", 0)
                                .set("num_return_sequences", 3));
  EXPECT_THAT(out.sequences,
              ElementsAre(ElementsAre(2, 4, 2, 3, 2, 1, 0), ElementsAre(2, 4, 2, 4, 2, 3, 1),
                          ElementsAre(2, 4, 2, 1, 0, 0, 0)));
}

TEST(BeamSearch, FindsTheReferencesHypothesesAndScores) {
  for (const Json& early : {Json(false), Json(true), Json("never")}) {
    const auto out = generate(GenerationConfig()
                                  .set("max_new_tokens", 4)
                                  .set("num_beams", 2)
                                  .set("num_return_sequences", 2)
                                  .set("early_stopping", early));
    EXPECT_THAT(out.sequences, ElementsAre(ElementsAre(2, 3, 4, 2, 3), ElementsAre(2, 4, 2, 3, 1)));
    EXPECT_THAT(out.sequences_scores,
                ElementsAre(FloatNear(-0.873534f, 1e-6f), FloatNear(-0.897825f, 1e-6f)));
    EXPECT_THAT(out.beam_indices, ElementsAre(ElementsAre(0, 0, 1, 1), ElementsAre(0, 1, 0, 0)));
  }
}

TEST(BeamSearch, ShortRowsEndInTheEndTokenWhenThePadTokenIsZero) {
  const auto out = generate(GenerationConfig()
                                .set("max_new_tokens", 4)
                                .set("num_beams", 2)
                                .set("num_return_sequences", 2)
                                .set("length_penalty", 0.0));
  EXPECT_THAT(out.sequences, ElementsAre(ElementsAre(2, 3, 1, 1, 1), ElementsAre(2, 3, 4, 2, 3)));
  EXPECT_THAT(out.sequences_scores,
              ElementsAre(FloatNear(-1.848330f, 1e-6f), FloatNear(-3.494135f, 1e-6f)));
  EXPECT_THAT(out.beam_indices, ElementsAre(ElementsAre(0, 0, -1, -1), ElementsAre(0, 0, 1, 1)));
}

TEST(BeamSearch, AMinimumLengthKeepsHypothesesOpen) {
  const auto out = generate(GenerationConfig()
                                .set("max_new_tokens", 4)
                                .set("num_beams", 3)
                                .set("num_return_sequences", 3)
                                .set("min_new_tokens", 3));
  EXPECT_THAT(out.sequences, ElementsAre(ElementsAre(2, 4, 2, 4, 2), ElementsAre(2, 3, 4, 2, 3),
                                         ElementsAre(2, 4, 2, 3, 1)));
}

TEST(BeamSampling, DrawsTheReferencesHypotheses) {
  const auto out = generate(GenerationConfig()
                                .set("max_new_tokens", 4)
                                .set("num_beams", 2)
                                .set("num_return_sequences", 2)
                                .set("do_sample", true)
                                .set("top_k", 0));
  EXPECT_THAT(out.sequences, ElementsAre(ElementsAre(2, 3, 1, 1, 1), ElementsAre(2, 3, 4, 2, 4)));
  EXPECT_THAT(out.sequences_scores,
              ElementsAre(FloatNear(-0.924165f, 1e-6f), FloatNear(-0.936362f, 1e-6f)));
}

TEST(Decode, StreamsOneTokenPerRowAndStep) {
  std::vector<Tokens> steps;
  DecodeHooks hooks;
  hooks.on_tokens = [&](std::span<const TokenId> t) { steps.emplace_back(t.begin(), t.end()); };
  generate(GenerationConfig().set("max_new_tokens", 6), hooks);
  EXPECT_THAT(steps, ElementsAre(ElementsAre(3), ElementsAre(1)));
}

TEST(Decode, EndsWhenAskedTo) {
  DecodeHooks hooks;
  hooks.should_stop = [] { return true; };
  const auto out = generate(GenerationConfig().set("max_new_tokens", 6), hooks);
  EXPECT_TRUE(out.interrupted);
  EXPECT_THAT(out.sequences, ElementsAre(ElementsAre(2, 3)));
}

TEST(Decode, EndsWhenTheTimeIsOver) {
  double now = 0;
  DecodeHooks hooks;
  hooks.clock = [&now] { return now += 1; };
  const auto out = generate(GenerationConfig()
                                .set("max_new_tokens", 100)
                                .set("max_time", 2.5)
                                .set("suppress_tokens", Json::array_of(std::vector{1})),
                            hooks);
  EXPECT_EQ(out.sequences[0].size(), 4u);  // after 1, 2 and 3 seconds
}

TEST(Decode, TransitionScoresAddUpToTheScoreOfABeam) {
  auto config = GenerationConfig().set("max_new_tokens", 4).set("num_beams", 2);
  config.set("num_return_sequences", 2).set("length_penalty", 0.0);
  config.set("output_scores", true).set("return_dict_in_generate", true);
  const auto out = generate(config);
  const auto steps = transition_scores(out, false);
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_THAT(steps[0], ElementsAre(std::log(.45f), std::log(.35f), 0, 0));
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(std::accumulate(steps[i].begin(), steps[i].end(), 0.0f), out.sequences_scores[i],
                1e-5);
  }
}

TEST(Decode, PrefixAllowedTokensLeavesOnlyThose) {
  DecodeHooks hooks;
  hooks.prefix_allowed_tokens = [](std::size_t, std::span<const TokenId> ids) {
    return ids.size() < 3 ? Tokens{4, 2} : Tokens{1};
  };
  const auto out = generate(GenerationConfig().set("max_new_tokens", 6), hooks);
  EXPECT_THAT(out.sequences, ElementsAre(ElementsAre(2, 4, 2, 1)));
  hooks.prefix_allowed_tokens = [](std::size_t, std::span<const TokenId>) { return Tokens{}; };
  EXPECT_THROW(generate(GenerationConfig().set("max_new_tokens", 6), hooks), Error);
}

TEST(Decode, GuidanceMovesAwayFromTheUnconditionalModel) {
  // The second model follows token 4 where the first follows 2: u = ln {.05 .05 .5 .3 .1}.
  TableModel unconditional(five_words(), {{4}});
  DecodeHooks hooks;
  hooks.unconditional = &unconditional;
  auto config = GenerationConfig().set("max_new_tokens", 1).set("guidance_scale", 3.0);
  config.set("output_scores", true).set("return_dict_in_generate", true);
  const auto out = generate(config, hooks);
  EXPECT_THAT(out.sequences, ElementsAre(ElementsAre(2, 4)));  // .35³/.1² beats .45³/.3²
  const float expected = 3 * (std::log(.35f) - std::log(.1f)) + std::log(.1f);
  EXPECT_NEAR(out.scores[0][0][4], expected, 1e-5);
}

TEST(Decode, SamplingFromNothingIsAnErrorAndGreedyTakesTheFirst) {
  auto all = GenerationConfig().set("max_new_tokens", 2);
  all.set("suppress_tokens", Json::array_of(std::vector{0, 1, 2, 3, 4}));
  EXPECT_THAT(generate(all).sequences, ElementsAre(ElementsAre(2, 0, 0)));
  all.set("do_sample", true);
  EXPECT_THROW(generate(all), Error);
}

TEST(Decode, AModelThatCannotDoWhatAStrategyNeedsSaysSo) {
  try {  // a table has no hidden states
    generate(GenerationConfig().set("penalty_alpha", 0.6).set("top_k", 4));
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::unsupported);
  }
}

}  // namespace
}  // namespace typecase
