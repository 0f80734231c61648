// Group and constrained beam search in a world of five words, where every text can be enumerated.
#include "decode/decode.h"
#include "decode/strategies/constraint.h"
#include "decode/table_model.h"

#include <typecase/error.h>

#include <gmock/gmock.h>

#include <cmath>

namespace typecase {
namespace {

using ::testing::ElementsAre;

/// 0 pads, 1 ends; the probabilities of what follows 2, 3 and 4.
std::vector<std::vector<float>> five_words() {
  const std::vector<std::vector<float>> p = {{.2f, .2f, .2f, .2f, .2f},
                                             {.2f, .2f, .2f, .2f, .2f},
                                             {.05f, .10f, .05f, .45f, .35f},
                                             {.05f, .35f, .25f, .05f, .30f},
                                             {.05f, .05f, .50f, .30f, .10f}};
  auto out = p;
  for (auto& row : out) {
    for (float& x : row) x = std::log(x);
  }
  return out;
}

DecodeOutput generate(GenerationConfig keywords) {
  keywords.set("pad_token_id", 0).set("eos_token_id", 1);
  const DecodeInput input{.ids = {{2}}, .mask = {}};
  const ModelFacts facts{.prompt_length = 1, .vocabulary = 5};
  const EffectiveConfig config = resolve(keywords, nullptr, {}, facts, nullptr);
  TableModel model(five_words(), input.ids);
  Generator random(0);
  return decode(model, config, input, random);
}

GenerationConfig groups(double penalty) {
  return GenerationConfig()
      .set("max_new_tokens", 2)
      .set("num_beams", 2)
      .set("num_beam_groups", 2)
      .set("num_return_sequences", 2)
      .set("diversity_penalty", penalty);
}

TEST(GroupBeam, ASmallPenaltyLeavesTheGroupsAlike) {
  // Both groups are greedy: 3 (.45), then 1 (.35); 1 ends and is not open any more, so 4 (.30)
  // goes on. ln(.45·.35)/2 beats ln(.45·.30)/2, and one list holds one hypothesis.
  const auto out = generate(groups(1e-6));
  EXPECT_THAT(out.sequences, ElementsAre(ElementsAre(2, 3, 1), ElementsAre(2, 3, 1)));
}

TEST(GroupBeam, APenaltySendsTheSecondGroupAnotherWay) {
  // λ = 1: group 2 sees ln .45 − 1 < ln .35 and takes 4; after it 2 (.50), as group 1 took 4.
  const auto out = generate(groups(1.0));
  EXPECT_THAT(out.sequences, ElementsAre(ElementsAre(2, 4, 2), ElementsAre(2, 3, 1)));
  EXPECT_NEAR(out.sequences_scores[0], std::log(.35f * .50f) / 2, 1e-6);
  EXPECT_NEAR(out.sequences_scores[1], std::log(.45f * .35f) / 2, 1e-6);
}

GenerationConfig forced(const std::string& words, int beams, int length) {
  return GenerationConfig()
      .set("max_new_tokens", length)
      .set("num_beams", beams)
      .set("force_words_ids", Json::parse(words));
}

bool contains(const Tokens& text, const Tokens& phrase) {
  return std::search(text.begin(), text.end(), phrase.begin(), phrase.end()) != text.end();
}

TEST(ConstrainedBeam, EveryPhraseOfTwoWordsIsSaidWithinFour) {
  for (TokenId a = 2; a < 5; ++a) {
    for (TokenId b = 2; b < 5; ++b) {
      const std::string words = "[[" + std::to_string(a) + ", " + std::to_string(b) + "]]";
      const auto out = generate(forced(words, 4, 4));
      EXPECT_TRUE(contains(out.sequences[0], {a, b})) << words;
    }
  }
}

TEST(ConstrainedBeam, OneOfTheAlternativesIsEnough) {
  const auto out = generate(forced("[[[4, 4], [3, 3]]]", 4, 3));
  EXPECT_TRUE(contains(out.sequences[0], {4, 4}) || contains(out.sequences[0], {3, 3}));
}

Constraint said(const Tokens& phrase) { return Constraint(std::vector<Tokens>{phrase}); }

TEST(ConstraintState, ATokenThatBreaksAPhraseIsNotTriedWithAnother) {
  const std::vector<Constraint> both{said({3, 4}), said({2})};
  EXPECT_THAT(ConstraintState(both).advancing(), ElementsAre(3, 2));
  const ConstraintState broken(both, Tokens{3, 2});  // 2 breaks "3 4" and is lost
  EXPECT_THAT(broken.advancing(), ElementsAre(2, 3));
  EXPECT_EQ(ConstraintState(both, Tokens{3}).bank(), 1u);
  EXPECT_EQ(ConstraintState(both, Tokens{2}).bank(), 2u);  // a whole constraint: the longest length
  EXPECT_TRUE(ConstraintState(both, Tokens{2, 3, 4}).complete());
}

TEST(Constraint, NoAlternativeBeginsAnother) {
  for (const auto& alternatives :
       std::vector<std::vector<Tokens>>{{{3}, {3, 4}}, {{3}, {3}}, {{}}}) {
    EXPECT_THROW(Constraint{alternatives}, Error);
  }
}

TEST(GroupBeam, RefusesWhatTheReferenceRefuses) {
  EXPECT_THROW(generate(groups(0.0)), Error);
  EXPECT_THROW(generate(groups(1.0).set("num_beams", 3)), Error);
  EXPECT_THROW(generate(groups(1.0).set("do_sample", true)), Error);
  EXPECT_THROW(generate(forced("[[3]]", 1, 4)), Error);
  EXPECT_THROW(generate(forced("[[]]", 2, 4)), Error);
}

}  // namespace
}  // namespace typecase
