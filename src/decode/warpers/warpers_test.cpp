#include "decode/cut.h"
#include "decode/warpers/cutoffs.h"
#include "decode/warpers/min_p.h"
#include "decode/warpers/temperature.h"
#include "decode/warpers/top_h.h"
#include "decode/warpers/top_k.h"
#include "decode/warpers/top_p.h"
#include "decode/warpers/typical.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

namespace typecase {
namespace {

using ::testing::ElementsAre;

/// The tokens a warper keeps of ln {.4 .3 .15 .1 .05}.
template <class Warper>
Tokens kept(Warper warper, std::vector<float> scores = {}) {
  if (scores.empty()) {
    for (const float p : {.4f, .3f, .15f, .1f, .05f}) scores.push_back(std::log(p));
  }
  warper.apply(scores, {});
  Tokens out;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] != kCut) out.push_back(static_cast<TokenId>(i));
  }
  return out;
}

TEST(TopP, KeepsTheSmallestSetThatReachesP) {
  EXPECT_THAT(kept(TopP(.7, 1)), ElementsAre(0, 1));
  EXPECT_THAT(kept(TopP(.69, 1)), ElementsAre(0, 1));
  EXPECT_THAT(kept(TopP(.71, 1)), ElementsAre(0, 1, 2));
}

TEST(TopP, CutsEqualScoresInTheOrderOfTheReferencesSort) {
  EXPECT_THAT(kept(TopP(.5, 1), std::vector<float>(20, 1.0f)),
              ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST(TopP, KeepsAsManyAsItMust) { EXPECT_THAT(kept(TopP(0, 2)), ElementsAre(0, 1)); }

TEST(MinP, CutsWhatIsFarBelowTheBest) { EXPECT_THAT(kept(MinP(.3, 1)), ElementsAre(0, 1, 2)); }

TEST(Typical, MayCutTheMostProbableToken) {
  EXPECT_THAT(kept(Typical(.5, 1)), ElementsAre(0, 1));
  EXPECT_THAT(kept(Typical(.3, 1)), ElementsAre(1));
}

TEST(Cutoffs, CutBelowAThreshold) {
  EXPECT_THAT(kept(EpsilonCutoff(.12, 1)), ElementsAre(0, 1, 2));
  EXPECT_THAT(kept(EtaCutoff(.2, 1)), ElementsAre(0, 1, 2));
}

TEST(TopH, KeepsAShareOfTheEntropy) { EXPECT_THAT(kept(TopH(.4)), ElementsAre(0)); }

TEST(TopK, KeepsAllTiesWithTheLast) {
  EXPECT_THAT(kept(TopK(2)), ElementsAre(0, 1));
  EXPECT_THAT(kept(TopK(3), {2, 2, 1, 1, 1, 0}), ElementsAre(0, 1, 2, 3, 4));
}

TEST(Temperature, DividesEveryScore) {
  std::vector<float> scores = {1, -2, 3};
  Temperature(0.5).apply(scores, {});
  EXPECT_THAT(scores, ElementsAre(2, -4, 6));
}

}  // namespace
}  // namespace typecase
