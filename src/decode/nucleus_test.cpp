#include "decode/cut.h"
#include "decode/order.h"
#include "decode/scan.h"
#include "decode/warpers/top_p.h"

#include <typecase/generator.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace typecase {
namespace {

/// A bell of scores and a few that stand out, as a model gives them.
std::vector<float> made_row(std::size_t n, float width, Generator& random) {
  std::vector<float> row(n);
  for (float& x : row) {
    const float radius = std::sqrt(-2 * std::log(1 - random.uniform()));
    x = width * radius * std::cos(6.2831853f * random.uniform());
  }
  for (int i = 1; i < 20; ++i) {
    const auto at = static_cast<std::size_t>(random.uniform() * static_cast<float>(n));
    row[std::min(at, n - 1)] = 12 - 2 * std::log(static_cast<float>(i));
  }
  return row;
}

TEST(Nucleus, CutsWhereTheSortedSumSays) {
  Generator random(3);
  std::size_t selected = 0;
  for (int round = 0; round < 240; ++round) {
    const std::size_t n = 1000 + 137 * static_cast<std::size_t>(round);
    auto a = made_row(n, round % 3 == 0 ? 6.0f : 1.5f, random);
    if (round % 4 == 0) {  // many are cut already
      for (float& s : a) s = random.uniform() < 0.7f ? kCut : s;
    }
    if (round % 5 == 0) {  // as bfloat16 logits are: full of ties
      for (float& s : a) s = std::round(s * 16) / 16;
    }
    auto b = a;
    const double p = round % 7 == 0 ? 0.0 : 1 - std::pow(10.0, -4 * random.uniform());
    Selections count;
    TopP warper(p, 1 + static_cast<std::size_t>(round % 4), &count);
    warper.apply(a, {});
    warper.apply_by_sorting(b);
    ASSERT_EQ(a, b) << round << ": p = " << p;
    selected += count.rows - count.sorted;
  }
  EXPECT_GE(selected, 180u);  // the rest are ties at the cut, and close calls
}

TEST(Nucleus, LeavesRowsWithoutASumToTheSort) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  Nucleus nucleus;
  EXPECT_FALSE(nucleus.least_kept(std::vector<float>(300, kCut), 0.1f, 1));
  EXPECT_FALSE(nucleus.least_kept(std::vector<float>{1, kNan, 2}, 0.1f, 1));
  EXPECT_FALSE(nucleus.least_kept(std::vector<float>{1, -kCut, 2}, 0.1f, 1));
}

TEST(TopK, LeavesEqualValuesInTheOrderOfPartialSort) {
  Generator random(5);
  for (std::size_t k : {1u, 2u, 5u, 20u}) {
    for (int round = 0; round < 20; ++round) {
      std::vector<float> x(64 * k + 700);
      for (float& v : x) v = std::floor(30 * random.uniform());
      if (round % 4 == 0) x[x.size() / 2] = std::numeric_limits<float>::quiet_NaN();
      std::vector<Ranked> all;
      for (float v : x) all.push_back({v, static_cast<std::int32_t>(all.size())});
      std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(k), all.end(),
                        [](const Ranked& a, const Ranked& b) {
                          return (std::isnan(a.value) && !std::isnan(b.value)) || a.value > b.value;
                        });
      const auto got = topk(x, k);
      for (std::size_t i = 0; i < k; ++i) ASSERT_EQ(got[i].index, all[i].index) << k << ", " << i;
    }
  }
}

TEST(Scan, FindsTheFirstGreatestAndTheFirstNan) {
  for (std::size_t n : {1u, 15u, 128u, 129u, 400u, 1000u}) {
    for (std::size_t at = 0; at < n; at += 1 + n / 9) {
      std::vector<float> x(n, -2.0f);
      for (std::size_t i = at; i < n; i += 7) x[i] = 3;
      EXPECT_EQ(first_greatest(x), static_cast<std::int32_t>(at)) << n;
      EXPECT_EQ(first_above(x, 0, 2), at) << n;
      x[n - 1 - at / 2] = std::numeric_limits<float>::quiet_NaN();
      EXPECT_EQ(first_greatest(x), static_cast<std::int32_t>(n - 1 - at / 2)) << n;
      x.assign(n, kCut);
      EXPECT_EQ(first_greatest(x), 0);
      EXPECT_EQ(first_above(x, at, kCut), n);
    }
  }
}

TEST(Scan, DividesAsDivisionDoes) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  std::vector<float> x(1 << 16), got;
  for (const float d : {0.7f, 1e-5f, 1.5f, 0.1f, 3.0f, 1e9f, 1e-12f, 0x1.fffffep0f, 1e38f}) {
    std::uint32_t mantissa = 0;
    for (int block = 0; block < 43; ++block) {  // every third mantissa, both signs
      for (float& v : x) {
        v = std::bit_cast<float>(0xC1000000u - (mantissa & 1) * 0x80000000u + mantissa % 0x800000u);
        mantissa += 3;
      }
      if (block == 42) {  // and what the quick way must not touch
        x[5] = -kInf;
        x[1000] = 0x1p-140f;
        x[2000] = 0x1.23p126f;
        x[3000] = -0.0f;
      }
      got = x;
      divide(got, d);
      for (std::size_t i = 0; i < x.size(); ++i) {
        ASSERT_EQ(std::bit_cast<std::uint32_t>(got[i]), std::bit_cast<std::uint32_t>(x[i] / d))
            << x[i] << " / " << d;
      }
    }
  }
  x = {1, std::numeric_limits<float>::quiet_NaN()};
  divide(x, 2);
  EXPECT_EQ(x[0], 0.5f);
  EXPECT_TRUE(std::isnan(x[1]));
}

TEST(Scan, SumsWhatIsBelowEachLevel) {
  std::vector<float> x, e;
  for (int i = 0; i < 1000; ++i) {
    x.push_back(static_cast<float>(i % 10));
    e.push_back(static_cast<float>(1 + i % 3));
  }
  const Below sums = below(x, e, {0, 1, 100});
  EXPECT_EQ(sums.count, (std::array<std::size_t, 3>{0, 100, 1000}));
  EXPECT_EQ(sums.mass[0], 0);
  EXPECT_EQ(sums.mass[1], 199);  // 1 + (10 i) mod 3 for i < 100
  EXPECT_EQ(sums.mass[2], 1999);
}

}  // namespace
}  // namespace typecase
