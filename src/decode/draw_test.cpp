#include "decode/draw.h"

#include <typecase/error.h>

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace typecase {
namespace {

using ::testing::ElementsAre;

const std::vector<float> kFour = {.1f, .2f, .3f, .4f};

Tokens twenty(std::int64_t seed) {
  Generator random(seed);
  Tokens out;
  for (int i = 0; i < 20; ++i) {
    TokenId token = -1;
    draw(kFour, 4, random, {&token, 1});
    out.push_back(token);
  }
  return out;
}

TEST(Draw, GivesTheReferencesTokensForASeed) {
  EXPECT_THAT(twenty(0), ElementsAre(2, 2, 3, 3, 1, 2, 0, 1, 1, 3, 1, 3, 3, 3, 2, 1, 1, 0, 2, 3));
  EXPECT_THAT(twenty(123), ElementsAre(1, 3, 3, 2, 3, 3, 3, 3, 1, 0, 3, 2, 2, 0, 0, 3, 3, 2, 2, 3));
}

TEST(Draw, RowsAreDrawnOneAfterTheOther) {
  auto two = kFour;
  two.insert(two.end(), kFour.begin(), kFour.end());
  Generator random(0);
  std::vector<Tokens> steps;
  for (int i = 0; i < 6; ++i) {
    Tokens tokens(2);
    draw(two, 4, random, tokens);
    steps.push_back(tokens);
  }
  EXPECT_THAT(steps, ElementsAre(ElementsAre(2, 2), ElementsAre(3, 3), ElementsAre(1, 2),
                                 ElementsAre(0, 1), ElementsAre(1, 3), ElementsAre(1, 3)));
}

TEST(Draw, WithoutReplacementKeepsTheOrderOfTheRace) {
  Generator random(0);
  std::vector<Tokens> steps;
  for (int i = 0; i < 4; ++i) {
    Tokens step;
    for (const Ranked& r : draw_without_replacement(kFour, 3, random)) step.push_back(r.index);
    steps.push_back(step);
  }
  EXPECT_THAT(steps, ElementsAre(ElementsAre(2, 1, 3), ElementsAre(2, 3, 1), ElementsAre(3, 1, 2),
                                 ElementsAre(3, 2, 0)));
}

/// The race with every logarithm taken: what draw() may skip must not change the winner.
TokenId plain_race(const std::vector<float>& p, Generator& random) {
  std::size_t best = 0;
  float most = -1;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const float q = p[i] / random.exponential();
    if (q > most) {
      most = q;
      best = i;
    }
  }
  return static_cast<TokenId>(best);
}

TEST(Draw, SkippedLogarithmsNeverChangeTheWinner) {
  Generator source(11), a(5), b(5);
  for (int round = 0; round < 300; ++round) {
    std::vector<float> p(1000);
    float sum = 0;
    for (float& x : p) sum += x = round % 3 == 0 ? 1.0f : std::exp(8.0f * source.uniform());
    for (float& x : p) x /= sum;
    if (round % 2 == 0) std::fill(p.begin(), p.begin() + 500, 0.0f);
    TokenId token = -1;
    draw(p, p.size(), a, {&token, 1});
    ASSERT_EQ(token, plain_race(p, b)) << round;
    ASSERT_EQ(a.next32(), b.next32()) << "consumed a different number of words";
  }
}

TEST(Draw, RefusesWhatIsNoDistribution) {
  Generator random(0);
  TokenId token = 0;
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInf = std::numeric_limits<float>::infinity();
  for (const std::vector<float>& p :
       {std::vector{0.5f, kNan}, {0.5f, kInf}, {0.5f, -0.1f}, {0.0f, 0.0f}}) {
    EXPECT_THROW(draw(p, 2, random, {&token, 1}), Error);
    EXPECT_THROW(draw_without_replacement(p, 1, random), Error);
  }
  EXPECT_THROW(draw_without_replacement(kFour, 5, random), Error);
}

}  // namespace
}  // namespace typecase
