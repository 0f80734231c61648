#include "decode/strategies/sample.h"
#include "decode/table_model.h"

#include <typecase/error.h>

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace typecase {
namespace {

using ::testing::ElementsAre;

/// 2 is followed by 3, 3 by 2; after 1 the model breaks: NaN, or nothing but −∞.
DecodeOutput continued(const std::vector<Tokens>& prompts, bool do_sample, float broken,
                       bool alone) {
  const float no = -std::numeric_limits<float>::infinity();
  TableModel model({{0, 0, 0, 0}, {broken, no, no, no}, {0, 0, 0, 9}, {0, 0, 9, 0}}, prompts);
  const EffectiveConfig config =
      resolve(GenerationConfig()
                  .set("max_new_tokens", 3)
                  .set("pad_token_id", 0)
                  .set("do_sample", do_sample),
              nullptr, {}, {.prompt_length = 1, .vocabulary = 4}, nullptr);
  Generator random(0);
  DecodeHooks hooks;
  hooks.rows_fail_alone = alone;
  return sample(model, config, {.ids = prompts, .mask = {}}, random, hooks);
}

TEST(RowFaults, AFailedRowEndsWithItsErrorAndTheOthersGoOnUnchanged) {
  for (const float broken : {NAN, -INFINITY}) {
    for (const bool do_sample : {false, true}) {
      const auto whole = continued({{2}, {3}, {3}}, do_sample, broken, true);
      const auto out = continued({{2}, {1}, {3}}, do_sample, broken, true);
      EXPECT_EQ(out.sequences[0], whole.sequences[0]);
      EXPECT_EQ(out.sequences[2], whole.sequences[2]);
      EXPECT_THAT(out.sequences[1], ElementsAre(1, 0, 0, 0));
      ASSERT_EQ(out.row_errors.size(), 3u);
      EXPECT_FALSE(out.row_errors[0] || out.row_errors[2]);
      ASSERT_TRUE(out.row_errors[1]);
      EXPECT_EQ(out.row_errors[1]->code(), Code::failed);
    }
  }
}

TEST(RowFaults, WithoutTheSwitchTheBatchFailsAsInTheReference) {
  EXPECT_THROW(continued({{2}, {1}}, true, NAN, false), Error);
  EXPECT_TRUE(continued({{2}, {1}}, false, NAN, false).row_errors.empty());
}

}  // namespace
}  // namespace typecase
