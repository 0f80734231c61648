/// Expected frequencies: LlamaRotaryEmbedding(LlamaConfig(...)).inv_freq of the reference, for
/// head_dim 8 and max_position_embeddings 64.
#include "models/rope.h"

#include <typecase/error.h>

#include <gmock/gmock.h>

#include <cmath>
#include <tuple>

namespace typecase {
namespace {

using ::testing::HasSubstr;
using ::testing::Pointwise;

Json config_with(std::string_view members) {
  return Json::parse(R"({"max_position_embeddings": 64)" +
                     (members.empty() ? std::string() : ", " + std::string(members)) + "}");
}

MATCHER(IsClose, "") {
  const float a = std::get<0>(arg), b = std::get<1>(arg);
  return std::abs(a - b) <= 2e-7f * std::abs(b);
}

void expect_table(std::string_view members, std::vector<float> inv_freq, float scaling) {
  const Json json = config_with(members);
  const Rope r = rope(Config(json, "config.json"), 8);
  EXPECT_THAT(r.table.inv_freq, Pointwise(IsClose(), inv_freq)) << members;
  EXPECT_FLOAT_EQ(r.table.scaling, scaling) << members;
}

TEST(Rope, ScalingTypesGiveTheReferencesFrequencies) {
  expect_table("", {1, 0.100000001f, 0.00999999978f, 0.00100000005f}, 1);
  expect_table(R"("rope_theta": 500000.0)", {1, 0.0376060307f, 0.00141421345f, 5.31829573e-05f}, 1);
  expect_table(R"("rope_scaling": {"type": "linear", "factor": 4.0})",
               {0.25f, 0.0250000004f, 0.00249999994f, 0.000250000012f}, 1);
  expect_table(R"("rope_parameters": {"rope_type": "yarn", "factor": 4.0, "rope_theta": 10000.0,
                  "original_max_position_embeddings": 32})",
               {1, 0.0250000004f, 0.00249999994f, 0.000250000012f}, 1.138629436111989f);
  expect_table(R"("rope_parameters": {"rope_type": "yarn", "factor": 40, "rope_theta": 10000.0,
                  "original_max_position_embeddings": 32, "mscale": 0.707, "mscale_all_dim": 1.0,
                  "truncate": false, "beta_fast": 16})",
               {1, 0.00249999994f, 0.000250000012f, 2.49999994e-05f}, 0.9210423553163399f);
  expect_table(R"("rope_theta": 500000.0, "rope_scaling": {"rope_type": "llama3", "factor": 8.0,
                  "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                  "original_max_position_embeddings": 16})",
               {0.576056361f, 0.00470075384f, 0.000176776681f, 6.64786967e-06f}, 1);
  expect_table(R"("rope_parameters": {"rope_type": "proportional", "rope_theta": 10000.0,
                  "partial_rotary_factor": 0.5})",
               {1, 0.100000001f, 0, 0}, 1);
}

TEST(Rope, LongropeHasATableForEachRegime) {
  const Json json = config_with(R"("rope_scaling": {"type": "longrope",
      "short_factor": [1.0, 1.1, 1.2, 1.3], "long_factor": [2.0, 3.0, 4.0, 5.0],
      "original_max_position_embeddings": 32})");
  const Rope r = rope(Config(json, "config.json"), 8);
  EXPECT_THAT(r.table.inv_freq, Pointwise(IsClose(), std::vector{1.0f, 0.0909090936f,
                                                                 0.00833333284f, 0.00076923077f}));
  ASSERT_TRUE(r.long_table);
  EXPECT_THAT(
      r.long_table->inv_freq,
      Pointwise(IsClose(), std::vector{0.5f, 0.0333333351f, 0.00249999994f, 0.000199999995f}));
  EXPECT_EQ(r.long_above, 32);
  EXPECT_FLOAT_EQ(r.table.scaling, 1.0954451150103321f);
}

TEST(Rope, DynamicKeepsWhatTheExecutorNeedsToStretchTheBase) {
  const Json json = config_with(R"("rope_scaling": {"rope_type": "dynamic", "factor": 2.0})");
  const Rope r = rope(Config(json, "config.json"), 8);
  EXPECT_TRUE(r.dynamic);
  EXPECT_EQ(r.dynamic_above, 64);
  EXPECT_EQ(r.factor, 2.0);
}

void expect_error(std::string_view members, std::string_view message) {
  const Json json = config_with(members);
  try {
    rope(Config(json, "config.json"), 8);
    FAIL() << "no error for " << members;
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr(std::string(message)));
  }
}

TEST(Rope, BadParametersAreNamed) {
  expect_error(R"("rope_scaling": {"type": "spiral"})", "unknown rotary type 'spiral'");
  expect_error(R"("rope_scaling": {"type": "linear"})",
               "'rope_scaling'/'factor': the key is missing");
  expect_error(R"("rope_scaling": {"type": "linear", "factor": 0})",
               "'rope_scaling'/'factor': expected a number above 0, found 0");
  expect_error(R"("rope_scaling": [1])", "expected an object");
  expect_error(R"("rope_theta": -1)", "'rope_theta': expected a number above 0");
  expect_error(R"("rope_scaling": {"type": "longrope", "short_factor": [1], "long_factor": [1]})",
               "expected 4 numbers, found 1");
  expect_error(R"("partial_rotary_factor": 2.0)", "partial_rotary_factor");
}

}  // namespace
}  // namespace typecase
