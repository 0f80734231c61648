#include "decode/decode.h"

#include "decode/table_model.h"

#include <typecase/error.h>

#include <gmock/gmock.h>

#include <cmath>

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

TEST(Decode, AModeThatIsMissingSaysItsName) {
  try {
    generate(GenerationConfig().set("penalty_alpha", 0.6).set("top_k", 4));
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::unsupported);
    EXPECT_THAT(e.message(), ::testing::HasSubstr("contrastive search"));
  }
}

}  // namespace
}  // namespace typecase
