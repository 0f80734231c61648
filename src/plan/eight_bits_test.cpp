#include "plan/eight_bits.h"

#include "tensor/convert.h"

#include <gtest/gtest.h>

#include <cmath>

namespace typecase {
namespace {

/// w[o][k] of a plan's q_proj, 64 inputs, as Llama ([out, in]) or GPT-2 ([in, out]) keeps it.
std::vector<float> weights(bool in_out) {
  std::vector<float> w(48 * 64);
  for (int o = 0; o < 48; ++o) {
    for (int k = 0; k < 64; ++k) {
      const float value = std::sin(static_cast<float>(o * 64 + k)) * static_cast<float>(1 + k / 32);
      w[static_cast<std::size_t>(in_out ? k * 48 + o : o * 64 + k)] = value;
    }
  }
  return w;
}

TEST(InEightBits, EveryWeightIsTheNearestOf255) {
  for (const bool in_out : {false, true}) {
    const Storage stored("q", in_out ? Shape{64, 48} : Shape{48, 64}, weights(in_out));
    const Storage tokens("e", Shape{48, 64}, weights(false));
    Plan plan;
    plan.dtype = DType::bfloat16;
    plan.decoder.embedding.tokens = tokens.tensor();
    plan.head.lm_head.weight.stored = tokens.tensor();
    plan.decoder.blocks.resize(1);
    auto& q_proj = plan.decoder.blocks[0].attention.q_proj.weight;
    q_proj = {.stored = stored.tensor(), .in_out = in_out, .rows = {5, 47, 0}};
    ThreadPool pool(2);
    const EightBits copy = in_eight_bits(plan, pool);
    EXPECT_EQ(copy.plan.dtype, DType::float32);
    EXPECT_EQ(copy.storage.size(), 2u);  // the embedding is the head too
    const Matrix& made = copy.plan.decoder.blocks[0].attention.q_proj.weight;
    EXPECT_EQ(made.stored.dtype, DType::q8_0);
    EXPECT_EQ(made.stored.shape, (Shape{3, 64}));
    EXPECT_FALSE(made.in_out);
    const std::vector<float> got = to_float32(made.stored), want = weights(false);
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t k = 0; k < 64; ++k) {
        const std::size_t o = std::vector<std::size_t>{5, 47, 0}[i];
        const float half_step = (k < 32 ? 1.0f : 2.0f) / 127 / 2;
        EXPECT_NEAR(got[i * 64 + k], want[o * 64 + k], half_step * 1.01f);
      }
    }
  }
}

TEST(InEightBits, WhatDoesNotFitStays) {
  const Storage odd("q", Shape{16, 40}, std::vector<float>(640, 1.0f));
  Plan plan;
  plan.decoder.embedding.tokens = odd.tensor();
  ThreadPool pool(1);
  const EightBits copy = in_eight_bits(plan, pool);
  EXPECT_EQ(copy.plan.decoder.embedding.tokens.bytes.data(), odd.tensor().bytes.data());
  EXPECT_TRUE(copy.storage.empty());
}

}  // namespace
}  // namespace typecase
