#include <typecase/error.h>
#include <typecase/json.h>

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace typecase {
namespace {

using ::testing::HasSubstr;

std::string error_of(std::string_view text, const JsonLimits& limits = {}) {
  try {
    Json::parse(text, limits);
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(Json, KeepsIntegersExactAndApartFromFloats) {
  EXPECT_EQ(Json::parse("9007199254740993").as_integer(), 9007199254740993);
  EXPECT_TRUE(Json::parse("1").is_integer());
  EXPECT_TRUE(Json::parse("1.0").is_float());
  EXPECT_TRUE(Json::parse("18446744073709551615").is_float());  // does not fit: a big number
  EXPECT_NE(Json::parse("1"), Json::parse("1.0"));
}

TEST(Json, PrintsWhatItRead) {
  for (const std::string text :
       {R"({"b": [1, 2.5, -3e+20], "a": {}, "c": null})", R"("é\n\"\\\u0001")", "[]", "-0.0"}) {
    EXPECT_EQ(Json::parse(text).dump(), text);
  }
}

TEST(Json, FloatsPrintAsTheShortestDecimalOfTheirOwnWidth) {
  EXPECT_EQ(Json(0.1f).dump(), "0.1");
  EXPECT_EQ(Json(0.1).dump(), "0.1");
  EXPECT_EQ(Json(double{0.1f}).dump(), "0.10000000149011612");
  EXPECT_EQ(Json(2.0f).dump(), "2.0");
  EXPECT_EQ(Json(-std::numeric_limits<float>::infinity()).dump(), "\"-inf\"");
  EXPECT_EQ(Json(std::nan("")).dump(), "\"nan\"");
}

TEST(Json, PrettyPutsMembersOnLinesAndFlatListsOnOne) {
  EXPECT_EQ(Json::parse(R"({"a": [1, 2], "b": {"c": true}})").pretty(),
            "{\n  \"a\": [1, 2],\n  \"b\": {\n    \"c\": true\n  }\n}");
}

TEST(Json, ErrorsNameThePlace) {
  EXPECT_THAT(error_of("{\n  \"a\": x}"), HasSubstr("not valid JSON near 'x}' (line 2)"));
  EXPECT_THAT(error_of("[1, 2"), HasSubstr("was it cut off?"));
  EXPECT_THAT(error_of("[1] 2"), HasSubstr("not valid JSON near '2'"));
  EXPECT_THAT(error_of("{\"a\": 1, \"\\u0061\": 2}"), HasSubstr("'a' appears twice"));
  EXPECT_THAT(error_of("1e999"), HasSubstr("out of range"));
  EXPECT_THAT(error_of("\"\\ud800\""), HasSubstr("not valid JSON"));
  EXPECT_THAT(error_of("\"\xff\""), HasSubstr("not valid JSON"));
  EXPECT_THAT(error_of(std::string_view("[1]\0[2]", 7)), HasSubstr("a NUL character"));
  EXPECT_THAT(error_of("NaN"), HasSubstr("not valid JSON"));
}

TEST(Json, DepthIsLimitedAtItsValueAndOneAbove) {
  const JsonLimits three{.depth = 3};
  EXPECT_EQ(error_of("[[[]]]", three), "no error");
  EXPECT_THAT(error_of("[[[[]]]]", three), HasSubstr("deeper than 3"));
  EXPECT_THAT(error_of(std::string(1'000'000, '[')), HasSubstr("deeper than 64"));
}

TEST(Json, WrongKindsAreNamed) {
  const Json v = Json::parse(R"({"a": "text"})");
  EXPECT_THROW(v.at("b"), Error);
  try {
    v.at("a").as_integer();
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "expected integer, found string");
  }
}

TEST(Json, SetReplacesInPlaceAndEraseRemoves) {
  Json v = Json::parse(R"({"a": 1, "b": 2})");
  v.set("a", 3);
  v.set("c", Json::array_of(std::vector<int>{1, 2}));
  v.erase("b");
  EXPECT_EQ(v.dump(), R"({"a": 3, "c": [1, 2]})");
}

}  // namespace
}  // namespace typecase
