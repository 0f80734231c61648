#include "models/mixture.h"

#include <typecase/error.h>

#include <gtest/gtest.h>

namespace typecase {
namespace {

/// What experts_of() says of `count` experts in each of `layers` layers; "" when nothing.
std::string refusal(std::int64_t count, std::int64_t layers) {
  Json json = Json::object();
  json.set("num_experts", Json(count));
  json.set("num_experts_per_tok", Json(std::int64_t{1}));
  try {
    experts_of(Config(json, "config.json"), "num_experts", "num_experts_per_tok", {}, layers);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::limit);
    return error.message();
  }
  return "";
}

TEST(Mixture, ExpertsOfALayerAndOfAllLayersAreLimited) {
  EXPECT_EQ(refusal(kMostExperts, kMostExpertsInAll / kMostExperts), "");
  EXPECT_EQ(refusal(kMostExperts, kMostExpertsInAll / kMostExperts + 1),
            "4096 experts in each of 33 layers are over the limit of 131072 in all");
  EXPECT_EQ(refusal(kMostExperts + 1, 1), "4097 experts are over the limit of 4096");
}

}  // namespace
}  // namespace typecase
