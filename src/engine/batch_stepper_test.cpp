#include "engine/batch_stepper.h"

#include "checkpoint/checkpoint.h"
#include "models/registry.h"

#include <gmock/gmock.h>

namespace typecase {
namespace {

using ::testing::ElementsAre;

struct Loaded {
  Checkpoint checkpoint = Checkpoint::open(TYPECASE_SOURCE_DIR "/tests/golden/llama-3");
  Plan plan = make_plan(checkpoint, {.dtype = "float32"});
  std::unique_ptr<Executor> executor = make_reference_executor(plan);
};

std::vector<float> copy(std::span<const float> v) { return {v.begin(), v.end()}; }

std::vector<int> positions(const std::vector<Row>& rows) {
  std::vector<int> out;
  for (const Row& row : rows) out.push_back(row.position);
  return out;
}

TEST(PromptRows, PositionsCountVisibleSlotsAndMaskedOnesHaveZero) {
  const auto rows = prompt_rows(0, {5, 6, 7, 8}, {1, 0, 1, 1}, PositionSource::mask, false);
  EXPECT_THAT(positions(rows), ElementsAre(0, 0, 1, 2));
  EXPECT_FALSE(rows[1].visible);
  EXPECT_TRUE(rows[3].logits);
}

TEST(PromptRows, LeadingMaskedSlotsAreLeftOut) {
  EXPECT_EQ(prompt_rows(0, {0, 0, 7, 8}, {0, 0, 1, 1}, PositionSource::mask, false).size(), 2u);
  EXPECT_EQ(prompt_rows(0, {0, 0, 7, 8}, {0, 0, 1, 1}, PositionSource::mask, true).size(), 4u);
  // Of a row with nothing visible, the last slot remains: something has to be computed.
  EXPECT_EQ(prompt_rows(0, {0, 0, 0}, {0, 0, 0}, PositionSource::mask, false).size(), 1u);
}

TEST(BatchStepper, APaddedRowEqualsTheSameRowAlone) {
  Loaded m;
  BatchStepper alone(*m.executor, m.plan, {{9, 50, 93}}, {{1, 1, 1}});
  BatchStepper batch(*m.executor, m.plan, {{1, 2, 3, 4, 5}, {0, 0, 9, 50, 93}},
                     {{1, 1, 1, 1, 1}, {0, 0, 1, 1, 1}});
  const auto expected = copy(alone.prefill());
  const auto both = copy(batch.prefill());
  const std::size_t v = batch.vocabulary();
  EXPECT_EQ(std::vector<float>(both.begin() + static_cast<std::ptrdiff_t>(v), both.end()),
            expected);

  const TokenId one[] = {7}, two[] = {3, 7};
  const auto next = copy(alone.step(one));
  const auto next_both = copy(batch.step(two));
  EXPECT_EQ(std::vector<float>(next_both.begin() + static_cast<std::ptrdiff_t>(v), next_both.end()),
            next);
}

TEST(BatchStepper, SelectForksRepeatsAndDropsRows) {
  Loaded m;
  BatchStepper a(*m.executor, m.plan, {{9, 50}, {9, 7}}, {{1, 1}, {1, 1}});
  a.prefill();
  const std::size_t parents[] = {1, 1};
  a.select(parents);
  const TokenId tokens[] = {4, 4};
  const auto logits = copy(a.step(tokens));
  const auto half = logits.begin() + static_cast<std::ptrdiff_t>(a.vocabulary());
  EXPECT_EQ(std::vector<float>(logits.begin(), half), std::vector<float>(half, logits.end()));

  BatchStepper b(*m.executor, m.plan, {{9, 7}}, {{1, 1}});
  b.prefill();
  const TokenId token[] = {4};
  EXPECT_EQ(copy(b.step(token)), std::vector<float>(logits.begin(), half));
}

}  // namespace
}  // namespace typecase
