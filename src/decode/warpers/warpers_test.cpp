#include "decode/cut.h"
#include "decode/order.h"
#include "decode/warpers/cutoffs.h"
#include "decode/warpers/min_p.h"
#include "decode/warpers/temperature.h"
#include "decode/warpers/top_h.h"
#include "decode/warpers/top_k.h"
#include "decode/warpers/top_p.h"
#include "decode/warpers/typical.h"

#include <typecase/generator.h>

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

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

TEST(TopP, TheThresholdGivesTheSameBitsAsTheSort) {
  Generator random(7);
  for (std::size_t round = 0; round < 200; ++round) {
    std::vector<float> a(round % 2 == 0 ? 40 : 1500);
    for (float& s : a) s = 12 * random.uniform() - 6;
    if (round % 3 == 0) {  // ties
      for (float& s : a) s = std::round(s * 4) / 4;
    }
    if (round % 5 < 2) {  // mostly cut already
      for (float& s : a) s = random.uniform() < 0.9f ? kCut : s;
    }
    auto b = a;
    TopP warper(0.05 + 0.9 * static_cast<double>(random.uniform()), 1 + round % 3);
    warper.apply(a, {});
    warper.apply_by_sorting(b);
    ASSERT_EQ(a, b) << round;
  }
}

TEST(TopK, FindsTheSameThresholdAsASort) {
  Generator random(8);
  for (std::size_t n : {1u, 2u, 50u, 1000u}) {
    std::vector<float> x(n);
    for (float& s : x) s = std::round(20 * random.uniform());
    auto sorted = x;
    std::sort(sorted.rbegin(), sorted.rend());
    for (std::size_t k = 1; k <= n; k += 1 + n / 20) {
      ASSERT_EQ(kth_greatest(x, k), sorted[k - 1]) << n << ", " << k;
    }
  }
}

TEST(Order, SortsValuesByTheirBits) {
  Generator random(9);
  std::vector<float> x(3000);
  for (float& s : x) s = (random.uniform() - 0.5f) * std::exp(40 * random.uniform());
  x[5] = kCut;
  x[6] = 0;
  auto expected = x;
  std::sort(expected.begin(), expected.end());
  ValueSorter().sort(x);
  EXPECT_EQ(x, expected);
}

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
