#include "decode/own_filters.h"
#include "decode/processors/dry.h"
#include "decode/processors/logit_bias.h"
#include "decode/processors/occurrence_penalties.h"

#include <typecase/error.h>

#include <gmock/gmock.h>

namespace typecase {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

/// Five scores of 10 after the processor has seen `ids`.
template <class P>
std::vector<float> after(P processor, const Tokens& ids) {
  std::vector<float> scores(5, 10);
  processor.apply(scores, {.ids = ids});
  return scores;
}

TEST(OccurrencePenalties, CountGeneratedTokensOnly) {
  const Tokens ids = {0, 1, /*generated*/ 2, 3, 3, 3};
  EXPECT_THAT(after(OccurrencePenalties(1, 0, 2), ids), ElementsAre(10, 10, 9, 9, 10));
  EXPECT_THAT(after(OccurrencePenalties(0, 2, 2), ids), ElementsAre(10, 10, 8, 4, 10));
  EXPECT_THAT(after(OccurrencePenalties(1, 2, 2), ids), ElementsAre(10, 10, 7, 3, 10));
}

TEST(OccurrencePenalties, BelowZeroInviteRepetition) {
  EXPECT_THAT(after(OccurrencePenalties(-1, 0, 0), {4, 4}), ElementsAre(10, 10, 10, 10, 11));
}

TEST(LogitBias, AddsWhateverStandsBefore) {
  EXPECT_THAT(after(LogitBias({{1, -3}, {4, 2}, {4, 2}}), {0}), ElementsAre(10, 7, 10, 10, 14));
}

TEST(Dry, PenalisesWhatWouldGoOnRepeating) {
  const Dry dry({.multiplier = 1, .base = 2, .allowed_length = 2}, {0});
  EXPECT_THAT(after(dry, {1, 3, 2, 3}), ElementsAre(10, 10, 10, 10, 10));          // n = 1: allowed
  EXPECT_THAT(after(dry, {1, 2, 3, 1, 2}), ElementsAre(10, 10, 10, 9, 10));        // n = 2: 1 · 2⁰
  EXPECT_THAT(after(dry, {0, 1, 2, 3, 0, 1, 2}), ElementsAre(10, 10, 10, 8, 10));  // n = 3: 2¹
}

TEST(Dry, TheLongestOccurrenceDecides) {
  const Dry dry({.multiplier = 1, .base = 2, .allowed_length = 1}, {0});
  // 3 follows "1 2" (n = 2) and "2" alone; 4 follows "2" alone (n = 1).
  EXPECT_THAT(after(dry, {1, 2, 3, 2, 4, 2, 3, 1, 2}), ElementsAre(10, 10, 10, 8, 9));
}

TEST(Dry, NoMatchReachesOverABreakerOrThePadding) {
  const Dry::Options one{.multiplier = 1, .base = 2, .allowed_length = 1};
  Dry::Options broken = one;
  broken.sequence_breakers = {1};
  const Tokens ids = {1, 2, 3, 1, 2};
  EXPECT_THAT(after(Dry(one, {0}), ids), ElementsAre(10, 10, 10, 8, 10));     // "1 2"
  EXPECT_THAT(after(Dry(broken, {0}), ids), ElementsAre(10, 10, 10, 9, 10));  // "2"
  EXPECT_THAT(after(Dry(one, {1}), ids), ElementsAre(10, 10, 10, 9, 10));     // without the first
  broken.sequence_breakers = {3};  // never penalised itself
  EXPECT_THAT(after(Dry(broken, {0}), ids), ElementsAre(10, 10, 10, 10, 10));
}

OwnFilters read(const char* keywords, const char* object = "{}", bool sampling = true) {
  const auto config = GenerationConfig::from_json(Json::parse(object));
  const EncodeText encode = [](std::string_view text) { return Tokens(text.begin(), text.end()); };
  return read_own_filters(GenerationConfig::from_json(Json::parse(keywords)), &config, 128,
                          sampling, encode);
}

TEST(OwnFilters, BiasKeysOfDigitsAreIdsAndOtherKeysAreText) {
  EXPECT_THAT(read(R"({"logit_bias": {"7": 1, "AB": -2}})").logit_bias,
              ElementsAre(Pair(7, 1), Pair('A', -2), Pair('B', -2)));
  EXPECT_THAT(read(R"({"logit_bias": [[7, 1], ["7", 2]]})").logit_bias,
              ElementsAre(Pair(7, 1), Pair('7', 2)));
}

TEST(OwnFilters, KeywordsWinOverTheConfigObject) {
  EXPECT_EQ(read(R"({"presence_penalty": 1})", R"({"presence_penalty": 2})").presence_penalty, 1);
  EXPECT_EQ(read("{}", R"({"presence_penalty": 2})").presence_penalty, 2);
  EXPECT_EQ(read(R"({"presence_penalty": null})", R"({"presence_penalty": 2})").presence_penalty,
            0);
}

TEST(OwnFilters, ErrorsNameTheField) {
  const auto message = [](const char* keywords, bool sampling) -> std::string {
    try {
      read(keywords, "{}", sampling);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_THAT(message(R"({"logit_bias": {"128": 1}})", true), HasSubstr("logit_bias"));
  EXPECT_THAT(message(R"({"logit_bias": 3})", true), HasSubstr("logit_bias"));
  EXPECT_THAT(message(R"({"xtc_probability": 2})", true), HasSubstr("xtc_probability"));
  EXPECT_THAT(message(R"({"mirostat_tau": 5})", false), HasSubstr("do_sample"));
  EXPECT_EQ(message(R"({"mirostat_tau": 5})", true), "");
}

}  // namespace
}  // namespace typecase
