/// The CPU executor against the reference executor, and against itself under every split of work.
#include "backend/cpu/amx_in_software.h"
#include "backend/cpu/made_model.h"

#include <typecase/error.h>

#include <gmock/gmock.h>

#include <algorithm>
#include <ostream>

namespace typecase {
namespace {

/// max |a − b| and mean |a − b|.
struct Distance {
  double most = 0, mean = 0;
};
Distance distance(const std::vector<float>& a, const std::vector<float>& b) {
  Distance d;
  EXPECT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double e = std::abs(double{a[i]} - double{b[i]});
    d.most = std::isnan(e) ? INFINITY : std::max(d.most, e);
    d.mean += e / static_cast<double>(a.size());
  }
  return d;
}

/// What float32 sums in another order may differ by: some tens of units in the last place.
double tolerance(const std::vector<float>& expected) {
  double most = 0;
  for (const float v : expected) most = std::max(most, std::abs(double{v}));
  return 4e-6 * most;
}

std::vector<float> prefill(Executor& executor, const std::vector<TokenId>& tokens) {
  return executor.forward(made_rows(executor.create(), tokens)).logits;
}

class EveryLevel : public testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Executor> make(const Plan& plan, int threads = 1) const {
    return make_cpu_executor(plan, {.threads = threads, .isa = GetParam()});
  }
};
INSTANTIATE_TEST_SUITE_P(Isa, EveryLevel, testing::ValuesIn(cpu::levels_to_run()),
                         [](const auto& level) { return level.param; });

TEST_P(EveryLevel, Float32EqualsTheReferenceExecutor) {
  for (const bool gpt2 : {false, true}) {
    for (const DType stored : {DType::float32, DType::bfloat16, DType::float16, DType::q8_0,
                               DType::q4_0, DType::q4_1, DType::q5_0, DType::iq4_nl}) {
      const MadeModel model({.gpt2 = gpt2, .stored = stored});
      const auto tokens = made_tokens(23, 50);
      const auto expected = prefill(*make_reference_executor(model.plan), tokens);
      const auto got = prefill(*make(model.plan), tokens);
      EXPECT_LE(distance(got, expected).most, tolerance(expected))
          << name(stored) << (gpt2 ? " gpt2" : " llama");
    }
  }
}

TEST_P(EveryLevel, LongSumsOfBlocksEqualTheReferenceExecutor) {
  for (const DType stored : {DType::q8_0, DType::q4_0, DType::q4_1}) {
    const MadeModel model({.hidden = 288, .inner = 576, .layers = 1, .stored = stored});
    const auto tokens = made_tokens(23, 50);
    const auto expected = prefill(*make_reference_executor(model.plan), tokens);
    const auto got = prefill(*make(model.plan), tokens);
    EXPECT_LE(distance(got, expected).most, tolerance(expected)) << name(stored);
  }
}

/// Files mix types: what rows are packed for one matrix must not reach another as if it fitted.
TEST_P(EveryLevel, BlocksBesideOtherTypesEqualTheReferenceExecutor) {
  for (const DType other : {DType::float32, DType::bfloat16, DType::float16, DType::q5_0}) {
    MadeModel model({.hidden = 288, .inner = 576, .stored = DType::q8_0});
    for (Block& b : model.plan.decoder.blocks) {
      std::get<Mlp>(b.mlp).down_proj.weight.stored = model.matrix(other, 288, 576);
      b.attention.k_proj.weight.stored = model.matrix(other, 32, 288);
    }
    const auto tokens = made_tokens(23, 50);
    const auto expected = prefill(*make_reference_executor(model.plan), tokens);
    const auto got = prefill(*make(model.plan), tokens);
    EXPECT_LE(distance(got, expected).most, tolerance(expected)) << name(other);
  }
}

TEST_P(EveryLevel, BlocksOf256EqualTheReferenceExecutor) {
  for (const DType stored :
       {DType::q2_k, DType::q3_k, DType::q4_k, DType::q5_k, DType::q6_k, DType::iq4_xs}) {
    const MadeModel model(
        {.hidden = 256, .heads = 4, .head_dim = 64, .inner = 256, .layers = 1, .stored = stored});
    const auto tokens = made_tokens(9, 50);
    const auto expected = prefill(*make_reference_executor(model.plan), tokens);
    EXPECT_LE(distance(prefill(*make(model.plan), tokens), expected).most, tolerance(expected))
        << name(stored);
  }
}

TEST_P(EveryLevel, OddShapesEqualTheReferenceExecutor) {
  const MadeModel llama(
      {.hidden = 37, .heads = 3, .kv_heads = 1, .head_dim = 10, .inner = 53, .vocabulary = 19});
  const MadeModel gpt2({.hidden = 330,
                        .heads = 2,
                        .kv_heads = 2,
                        .head_dim = 21,
                        .inner = 301,
                        .vocabulary = 33,
                        .gpt2 = true});
  for (const MadeModel* model : {&llama, &gpt2}) {
    const auto tokens = made_tokens(40, 19);
    const auto expected = prefill(*make_reference_executor(model->plan), tokens);
    EXPECT_LE(distance(prefill(*make(model->plan), tokens), expected).most, tolerance(expected));
  }
}

/// In 16-bit plans the sums' order moves single roundings, which spread: the yardstick is the
/// oracle's own distance from exact arithmetic.
TEST_P(EveryLevel, SixteenBitPlansAreAsNearToFloat32AsTheReferenceExecutor) {
  for (const DType dtype : {DType::bfloat16, DType::float16}) {
    for (const bool gpt2 : {false, true}) {
      for (const auto implementation :
           {Attention::Implementation::sdpa, Attention::Implementation::eager}) {
        MadeModel model({.hidden = 80,
                         .heads = 5,
                         .kv_heads = 5,
                         .head_dim = 16,
                         .gpt2 = gpt2,
                         .stored = dtype,
                         .dtype = dtype});
        for (Block& b : model.plan.decoder.blocks) b.attention.implementation = implementation;
        const auto tokens = made_tokens(31, 50);
        const auto rounded = prefill(*make_reference_executor(model.plan), tokens);
        const auto got = prefill(*make(model.plan), tokens);
        model.plan.dtype = DType::float32;
        const auto exact = prefill(*make_reference_executor(model.plan), tokens);
        EXPECT_LE(distance(got, exact).mean, 1.2 * distance(rounded, exact).mean);
        EXPECT_LE(distance(got, exact).most, 1.5 * distance(rounded, exact).most);
        EXPECT_LE(distance(got, rounded).mean, 0.5 * distance(rounded, exact).mean);
      }
    }
  }
}

TEST_P(EveryLevel, TheSameRequestHasTheSameBitsHoweverItIsRun) {
  for (const DType stored :
       {DType::float32, DType::bfloat16, DType::q8_0, DType::q4_1, DType::q6_k}) {
    for (const DType dtype : {DType::float32, DType::bfloat16}) {
      const MadeModel model({.hidden = 256,
                             .heads = 8,
                             .kv_heads = 2,
                             .head_dim = 32,
                             .inner = 256,
                             .vocabulary = 99,
                             .stored = stored,
                             .dtype = dtype});
      const auto tokens = made_tokens(45, 99);
      const auto alone = prefill(*make(model.plan), tokens);

      const auto two = make(model.plan, 2);
      EXPECT_EQ(prefill(*two, tokens), alone) << "two threads";

      const SequenceId odd = two->create();
      std::vector<float> pieces;
      for (std::size_t at = 0, n = 1; at < tokens.size(); at += n, n = n * 2 + 1) {
        const std::vector<TokenId> part(
            tokens.begin() + static_cast<std::ptrdiff_t>(at),
            tokens.begin() + static_cast<std::ptrdiff_t>(std::min(at + n, tokens.size())));
        const auto out = two->forward(made_rows(odd, part, static_cast<int>(at))).logits;
        pieces.insert(pieces.end(), out.begin(), out.end());
      }
      EXPECT_EQ(pieces, alone) << "odd chunks";

      std::vector<Row> batch;
      for (int i = 0; i < 7; ++i) {
        const auto rows = made_rows(
            two->create(), i == 3 ? tokens : made_tokens(5 + 9 * i, 99, static_cast<unsigned>(i)));
        for (Row row : rows) {
          row.logits = i == 3;
          batch.push_back(row);
        }
      }
      EXPECT_EQ(two->forward(batch).logits, alone) << "batch of seven";
    }
  }
}

}  // namespace
}  // namespace typecase
