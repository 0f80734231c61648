#include "plan/plan.h"

#include <gmock/gmock.h>

#include <cmath>

namespace typecase {
namespace {

using testing::ElementsAre;

std::vector<int> buckets(const RelativeBias& bias, std::initializer_list<int> distances) {
  std::vector<int> out;
  for (const int d : distances) out.push_back(bias.bucket(d));
  return out;
}

// What the reference's own function returns for these distances.
TEST(RelativeBias, OneDirectionHasTheReferencesBuckets) {
  const RelativeBias bias{.table = {}, .buckets = 32, .max_distance = 128};
  EXPECT_THAT(buckets(bias, {5, 0, -1, -15, -16, -20, -32, -64, -127, -128, -1000}),
              ElementsAre(0, 0, 1, 15, 16, 17, 21, 26, 31, 31, 31));
}

TEST(RelativeBias, BothDirectionsShareTheBuckets) {
  const RelativeBias bias{.table = {}, .buckets = 32, .max_distance = 128, .bidirectional = true};
  EXPECT_THAT(buckets(bias, {0, -7, -8, -9, -128, 1, 7, 8, 16, 500}),
              ElementsAre(0, 7, 8, 8, 15, 17, 23, 24, 26, 31));
}

TEST(Sinusoid, SinesThenCosines) {
  float row[5];
  sinusoid(3, row);
  EXPECT_FLOAT_EQ(row[0], static_cast<float>(std::sin(3.0)));
  EXPECT_FLOAT_EQ(row[2], static_cast<float>(std::sin(3 / std::pow(10000.0, 0.8))));
  EXPECT_FLOAT_EQ(row[3], static_cast<float>(std::cos(3.0)));
  sinusoid(0, row);
  EXPECT_THAT(row, ElementsAre(0, 0, 0, 1, 1));
}

}  // namespace
}  // namespace typecase
