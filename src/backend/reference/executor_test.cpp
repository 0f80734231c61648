/// What the oracle itself promises; its numbers are held to the reference's recordings end to end.
#include "backend/backend.h"
#include "backend/reference/activation.h"
#include "backend/reference/softmax.h"

#include <typecase/error.h>

#include <gmock/gmock.h>

#include <cmath>
#include <deque>

namespace typecase {
namespace {

constexpr int kHidden = 8, kVocabulary = 11, kInner = 12;

/// One small rotary layer with made-up weights, kept alive beside its plan.
struct TinyModel {
  std::deque<Storage> storage;
  Plan plan;
  float next = 0;

  Tensor made(Shape shape) {
    std::int64_t n = 1;
    for (const auto extent : shape) n *= extent;
    std::vector<float> values;
    for (std::int64_t i = 0; i < n; ++i) values.push_back(std::sin(next += 1.7f) * 0.6f);
    return storage.emplace_back("made", std::move(shape), values).tensor();
  }
  Linear linear(int out, int in) { return {.weight = {.stored = made({out, in})}}; }
  Norm norm() {
    return {.kind = Norm::Kind::rms, .weight = {.stored = made({kHidden})}, .eps = 1e-5f};
  }

  TinyModel() {
    plan.vocabulary = kVocabulary;
    plan.hidden_size = kHidden;
    plan.decoder.embedding = {.tokens = made({kVocabulary, kHidden})};
    Rope rope{.rotated_dim = 4, .table = {{1.0f, 0.1f}, 1}};
    for (int layer = 0; layer < 2; ++layer) {
      plan.decoder.blocks.push_back({.attention_norm = norm(),
                                     .attention = {.q_proj = linear(kHidden, kHidden),
                                                   .k_proj = linear(4, kHidden),
                                                   .v_proj = linear(4, kHidden),
                                                   .o_proj = linear(kHidden, kHidden),
                                                   .heads = 2,
                                                   .kv_heads = 1,
                                                   .head_dim = 4,
                                                   .position = rope,
                                                   .scale = 0.5f},
                                     .mlp_norm = norm(),
                                     .mlp = Mlp{.gate_proj = linear(kInner, kHidden),
                                                .up_proj = linear(kInner, kHidden),
                                                .down_proj = linear(kHidden, kInner)}});
    }
    plan.head = {.norm = norm(), .lm_head = {.weight = {.stored = plan.decoder.embedding.tokens}}};
  }
};

std::vector<Row> rows_of(SequenceId s, const Tokens& tokens, int from = 0) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const int slot = from + static_cast<int>(i);
    rows.push_back({.sequence = s,
                    .token = tokens[i],
                    .slot = slot,
                    .position = slot,
                    .logits = i + 1 == tokens.size()});
  }
  return rows;
}

TEST(ReferenceExecutor, PrefillEqualsSingleSteps) {
  TinyModel model;
  const auto executor = make_reference_executor(model.plan);
  const SequenceId whole = executor->create(), stepped = executor->create();
  const auto expected = executor->forward(rows_of(whole, {3, 1, 4, 1, 5})).logits;
  std::vector<float> last;
  int slot = 0;
  for (const TokenId t : {3, 1, 4, 1, 5})
    last = executor->forward(rows_of(stepped, {t}, slot++)).logits;
  EXPECT_EQ(last, expected);
}

TEST(ReferenceExecutor, ForkSharesThePastAndTruncateForgets) {
  TinyModel model;
  const auto executor = make_reference_executor(model.plan);
  const SequenceId a = executor->create();
  executor->forward(rows_of(a, {3, 1, 4}));
  const SequenceId b = executor->fork(a);
  const auto forked = executor->forward(rows_of(b, {7}, 3)).logits;
  EXPECT_EQ(executor->length(a), 3);
  executor->forward(rows_of(a, {2}, 3));
  executor->truncate(a, 3);
  EXPECT_EQ(executor->forward(rows_of(a, {7}, 3)).logits, forked);
}

TEST(ReferenceExecutor, MaskedSlotsAreNotSeen) {
  TinyModel model;
  const auto executor = make_reference_executor(model.plan);
  const auto with_hole = [&](TokenId hidden) {
    auto rows = rows_of(executor->create(), {3, hidden, 4});
    rows[1].visible = false;
    return executor->forward(rows).logits;
  };
  EXPECT_EQ(with_hole(1), with_hole(9));
}

TEST(ReferenceExecutor, WrongRowsAreRefusedAndNothingChanges) {
  TinyModel model;
  model.plan.max_positions = 4;
  const auto executor = make_reference_executor(model.plan);
  const SequenceId s = executor->create();
  EXPECT_THROW(executor->forward(rows_of(s, {3, kVocabulary})), Error);
  EXPECT_THROW(executor->forward(rows_of(s, {3, -1})), Error);
  EXPECT_THROW(executor->forward(rows_of(s, {1, 2, 3, 4, 5})), Error);
  EXPECT_EQ(executor->length(s), 0);
}

TEST(ReferenceExecutor, TapsGiveEveryLayerAndALimitEndsEarly) {
  TinyModel model;
  const auto executor = make_reference_executor(model.plan);
  const auto all = executor->forward(rows_of(executor->create(), {3, 1}),
                                     {.hidden_states = true, .attentions = true});
  EXPECT_EQ(all.hidden_states.size(), 3u);
  EXPECT_EQ(all.hidden_states[0].size(), 2u * kHidden);
  ASSERT_EQ(all.attentions.size(), 2u);
  EXPECT_EQ(all.attentions[0][1].size(), 2u * 2u);  // two heads, two keys
  EXPECT_NEAR(all.attentions[0][1][0] + all.attentions[0][1][1], 1.0f, 1e-6f);
  const auto first = executor->forward(rows_of(executor->create(), {3, 1}), {.layer_limit = 1});
  EXPECT_NE(first.logits, all.logits);
}

TEST(ReferenceActivation, ChainsRoundAtEveryLink) {
  const reference::Rounding exact{DType::float32}, coarse{DType::bfloat16};
  EXPECT_NEAR(reference::activate(Activation::gelu_new, 1.0f, exact), 0.841192f, 1e-6f);
  // ACT2FN["gelu_new"] of a bfloat16 one; rounded only once it would be 0.83984375.
  EXPECT_EQ(reference::activate(Activation::gelu_new, 1.0f, coarse), 0.84375f);
  EXPECT_NEAR(reference::activate(Activation::silu, 2.0f, exact), 1.761594f, 1e-6f);
  EXPECT_NEAR(reference::activate(Activation::gelu, -1.0f, exact), -0.158655f, 1e-6f);
}

TEST(ReferenceSoftmax, TheFusedKernelsExponentialIsGoodToOneInTenThousand) {
  for (float x = -20; x <= 0; x += 0.37f) {
    EXPECT_NEAR(reference::approximate_exp(x) / std::exp(x), 1.0f, 1.2e-4f) << x;
  }
  EXPECT_EQ(reference::approximate_exp(-100), 0.0f);
}

TEST(ReferenceSoftmax, AScoreThatIsNoNumberIsNoticedWhereverItStands) {
  const float values[4] = {1, 2, 3, 4}, infinity = std::numeric_limits<float>::infinity();
  for (const DType dtype : {DType::float32, DType::bfloat16}) {
    for (std::size_t at = 0; at < 4; ++at) {
      std::vector<float> scores(4, at == 3 ? -infinity : 0.5f);
      scores[at] = std::nanf("");
      for (const float p : reference::softmax(scores, nullptr, {dtype})) EXPECT_TRUE(std::isnan(p));
      float out = 0;
      reference::fused_attention({scores, values, 1}, {&out, 1}, nullptr, {dtype});
      EXPECT_TRUE(std::isnan(out));
    }
  }
}

}  // namespace
}  // namespace typecase
