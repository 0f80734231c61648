#include "decode/cut.h"
#include "decode/warpers/mirostat.h"
#include "decode/warpers/top_n_sigma.h"
#include "decode/warpers/xtc.h"

#include <gmock/gmock.h>

#include <cmath>

namespace typecase {
namespace {

using ::testing::ElementsAre;

std::vector<float> logs(std::initializer_list<float> p) {
  std::vector<float> out;
  for (const float x : p) out.push_back(std::log(x));
  return out;
}

Tokens kept(const std::vector<float>& scores) {
  Tokens out;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] != kCut) out.push_back(static_cast<TokenId>(i));
  }
  return out;
}

TEST(TopNSigma, KeepsWhatIsWithinNDeviationsOfTheBest) {
  const std::vector<float> all = {4, 2, 0, 2, kCut};  // mean 2, σ = √2, −∞ not counted
  auto scores = all;
  TopNSigma(1).apply(scores, {});  // 4 − 1.41
  EXPECT_THAT(kept(scores), ElementsAre(0));
  scores = all;
  TopNSigma(2).apply(scores, {});  // 4 − 2.83
  EXPECT_THAT(kept(scores), ElementsAre(0, 1, 3));
}

TEST(Xtc, CutsAllTopChoicesButTheLast) {
  Generator random(0);
  auto scores = logs({.4f, .3f, .2f, .1f});
  Xtc(1, .15, random).apply(scores, {});
  EXPECT_THAT(kept(scores), ElementsAre(2, 3));
}

TEST(Xtc, LeavesASingleTopChoiceAndDrawsOnceWhateverItDoes) {
  Generator random(0);
  Generator same(0);
  auto scores = logs({.7f, .1f, .1f, .1f});
  Xtc(1, .5, random).apply(scores, {});
  EXPECT_THAT(kept(scores), ElementsAre(0, 1, 2, 3));
  Xtc(0, 0, random).apply(scores, {});
  EXPECT_THAT(kept(scores), ElementsAre(0, 1, 2, 3));
  same.uniform();
  same.uniform();
  EXPECT_EQ(random.next32(), same.next32());
}

TEST(Mirostat, TheBoundFollowsTheSurpriseOfTheTokenDrawn) {
  Mirostat mirostat(1, .5);  // μ = 2 bits: p < 1/4 is cut
  const auto step = [&mirostat](const Tokens& ids) {
    auto scores = logs({.45f, .45f, .06f, .04f});
    mirostat.apply(scores, {.ids = ids});
    return kept(scores);
  };
  EXPECT_THAT(step({2}), ElementsAre(0, 1));
  EXPECT_EQ(mirostat.mu(0), 2);  // no token of its own yet
  step({2, 0});                  // q = 1/2: one bit, as wished
  EXPECT_NEAR(mirostat.mu(0), 2, 1e-6);
}

TEST(Mirostat, EveryRowHasItsOwnBound) {
  Mirostat mirostat(2, 1);  // μ = 4 bits
  const auto step = [&mirostat](std::size_t row, TokenId last) {
    auto scores = logs({.5f, .25f, .125f, .125f});
    const Tokens ids = {last};
    mirostat.apply(scores, {.ids = ids, .index = row});
    return kept(scores);
  };
  step(0, 0);
  step(1, 0);
  EXPECT_THAT(step(0, 3), ElementsAre(0, 1, 2, 3));
  EXPECT_NEAR(mirostat.mu(0), 3, 1e-5);  // 3 bits, 1 too many
  step(1, 0);
  EXPECT_NEAR(mirostat.mu(1), 5, 1e-5);  // 1 bit, 1 too few
}

TEST(Mirostat, TheBestAlwaysStays) {
  auto scores = logs({.25f, .5f, .25f});  // all are more surprising than μ = 1/2 bit
  const Tokens ids = {0};
  Mirostat(.25, 1).apply(scores, {.ids = ids});
  EXPECT_THAT(kept(scores), ElementsAre(1));
}

}  // namespace
}  // namespace typecase
