#include "engine/sentence_modules.h"

#include "engine/read_texts.h"

#include <typecase/error.h>

#include <gmock/gmock.h>

namespace typecase {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal(const std::string& modules) {
  try {
    sentence_modules(Json::parse(modules), "modules.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

std::string pooling_refusal(const std::string& config) {
  try {
    pooling_modes(Json::parse(config), "config.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(SentenceModules, NamesTheLastWordOfEachClass) {
  const auto modules = sentence_modules(
      Json::parse(R"([{"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"}])"),
      "modules.json");
  ASSERT_EQ(modules.size(), 1u);
  EXPECT_EQ(modules[0].type, "Pooling");
  EXPECT_EQ(modules[0].path, "1_Pooling");
}

TEST(SentenceModules, RefusesWhatIsNoListOfModules) {
  EXPECT_THAT(refusal("{}"), HasSubstr("expected a list of modules"));
  EXPECT_THAT(refusal("[3]"), HasSubstr("/0"));
  EXPECT_THAT(refusal(R"([{"type": "a.B"}])"), HasSubstr("/0/path"));
  EXPECT_THAT(refusal(R"([{"type": 1, "path": ""}])"), HasSubstr("/0/type"));
}

TEST(SentenceModules, NoPathLeadsOutOfTheFolder) {
  EXPECT_THAT(refusal(R"([{"type": "a.B", "path": "../x"}])"), HasSubstr("leads out"));
  EXPECT_THAT(refusal(R"([{"type": "a.B", "path": "/etc"}])"), HasSubstr("leads out"));
}

TEST(SentenceModules, AtMostSixteen) {
  const std::string one = R"({"type": "a.B", "path": ""})";
  std::string list = "[" + one;
  for (int i = 1; i < 16; ++i) list += "," + one;
  EXPECT_EQ(sentence_modules(Json::parse(list + "]"), "f").size(), 16u);
  EXPECT_THAT(refusal(list + "," + one + "]"), HasSubstr("limit of 16"));
}

TEST(SentenceModules, PoolingsStandBehindEachOtherInTheReferencesOrder) {
  const auto modes = pooling_modes(
      Json::parse(R"({"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true})"), "f");
  EXPECT_THAT(modes, ElementsAre(Pooling::cls, Pooling::mean));
}

TEST(SentenceModules, UnknownPoolingsAreRefusedByName) {
  EXPECT_THAT(pooling_refusal(R"({"pooling_mode_lasttoken": true})"),
              HasSubstr("pooling_mode_lasttoken"));
  EXPECT_THAT(pooling_refusal("{}"), HasSubstr("no pooling mode is set"));
  EXPECT_THAT(pooling_refusal(R"({"pooling_mode_cls_token": "yes"})"),
              HasSubstr("pooling_mode_cls_token"));
}

TEST(Truncated, CutsTheTextAndKeepsWhatStandsAroundIt) {
  const Tokens plain{5, 6, 7, 8};
  const Tokens all{1, 5, 6, 7, 8, 2};
  EXPECT_THAT(truncated(all, plain, 6), ElementsAre(1, 5, 6, 7, 8, 2));
  EXPECT_THAT(truncated(all, plain, 4), ElementsAre(1, 5, 6, 2));
  EXPECT_THAT(truncated(all, plain, 3), ElementsAre(1, 5, 2));
  EXPECT_EQ(truncated(all, plain, 1).size(), 1u);
}

}  // namespace
}  // namespace typecase
