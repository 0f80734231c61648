#include "checkpoint/config.h"

#include <typecase/error.h>

#include <gtest/gtest.h>

namespace typecase {
namespace {

const Json& example() {
  static const Json out = parse_json_object(
      R"({"n": 3, "eps": 1e-5, "two": 2.0, "act": "silu", "tied": true, "none": null, "list": [1]})");
  return out;
}

std::string error_of(const auto& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(Config, ReadsTypedValues) {
  const Json& c = example();
  EXPECT_EQ(config::integer(c, "n", 1, 3), 3);
  EXPECT_EQ(config::number(c, "eps"), 1e-5);
  EXPECT_EQ(config::number(c, "n"), 3.0);
  EXPECT_EQ(config::string(c, "act"), "silu");
  EXPECT_EQ(config::one_of(c, "act", {"gelu", "silu"}), "silu");
  EXPECT_TRUE(config::boolean(c, "tied"));
}

TEST(Config, MissingAndNullMeanTheDefault) {
  const Json& c = example();
  EXPECT_EQ(config::integer_or(c, "none", 7, 1), 7);
  EXPECT_EQ(config::number_or(c, "absent", 0.5), 0.5);
  EXPECT_EQ(config::string_or(c, "none", "x"), "x");
  EXPECT_FALSE(config::boolean_or(c, "absent", false));
  EXPECT_EQ(config::optional_integer(c, "none", 1), std::nullopt);
  EXPECT_EQ(config::optional_number(c, "eps"), 1e-5);
}

TEST(Config, ErrorsNameKeyExpectationAndFinding) {
  const Json& c = example();
  EXPECT_EQ(error_of([&] { config::integer(c, "absent", 1); }), "'absent': the key is missing");
  EXPECT_EQ(error_of([&] { config::integer(c, "n", 4, 9); }),
            "'n': expected a whole number from 4 to 9, found '3'");
  EXPECT_EQ(error_of([&] { config::integer(c, "n", 4); }),
            "'n': expected a whole number of at least 4, found '3'");
  EXPECT_EQ(error_of([&] { config::integer(c, "two", 1); }),
            "'two': expected a whole number of at least 1, found '2.0'");
  EXPECT_EQ(error_of([&] { config::integer(c, "none", 1); }),
            "'none': expected a whole number of at least 1, found 'null'");
  EXPECT_EQ(error_of([&] { config::integer_or(c, "list", 1, 1); }),
            "'list': expected a whole number of at least 1, found array");
  EXPECT_EQ(error_of([&] { config::number(c, "act"); }), "'act': expected a number, found 'silu'");
  EXPECT_EQ(error_of([&] { config::number(c, "eps", 0.5, 1); }),
            "'eps': expected a number from 0.5 to 1, found '1e-05'");
  EXPECT_EQ(error_of([&] { config::boolean(c, "n"); }), "'n': expected true or false, found '3'");
  EXPECT_EQ(error_of([&] { config::string(c, "n"); }), "'n': expected a string, found '3'");
  EXPECT_EQ(error_of([&] { config::one_of(c, "act", {"gelu", "relu"}); }),
            "'act': expected one of gelu, relu, found 'silu'");
}

}  // namespace
}  // namespace typecase
