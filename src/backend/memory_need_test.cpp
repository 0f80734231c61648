#include "backend/memory_need.h"

#include <typecase/error.h>

#include <gtest/gtest.h>

namespace typecase {
namespace {

/// Stored float32 numbers; what they are does not matter here.
struct Store {
  std::vector<std::byte> bytes;
  Tensor tensor(std::int64_t rows, std::int64_t columns) {
    bytes.resize(static_cast<std::size_t>(rows * columns) * 4);
    return {.name = "w", .dtype = DType::float32, .shape = {rows, columns}, .bytes = bytes};
  }
};

TEST(MemoryNeed, CountsWeightsCacheAndActivations) {
  Store embedding, mlp;
  Plan plan;
  plan.hidden_size = 8;
  plan.vocabulary = 10;
  plan.decoder.embedding.tokens = embedding.tensor(10, 8);
  Block block;
  block.attention.heads = 4;
  block.attention.kv_heads = 2;
  block.attention.head_dim = 2;
  block.mlp = Mlp{.up_proj = {.weight = {.stored = mlp.tensor(16, 8)}}};
  plan.decoder.blocks = {block, block};
  plan.head.lm_head.weight.stored = plan.decoder.embedding.tokens;  // tied: once

  const Workload work{
      .prompts = 1, .prompt_tokens = 20, .sequences = 3, .new_tokens = 9, .rows = 5};
  const MemoryNeed need = memory_need(plan, work);
  EXPECT_EQ(need.weights, 4u * (10 * 8 + 16 * 8));
  // Blocks of 16: two that the sequences share, and one for each.
  EXPECT_EQ(need.cache, (2u * 16 + 3 * 16) * 2 * (2 * 2 * 2) * 4);
  EXPECT_EQ(need.activations, 4u * (5 * (4 * 8 + 2 * (8 + 4 + 16)) + 3 * 10));

  plan.dtype = DType::bfloat16;
  EXPECT_EQ(memory_need(plan, work).cache, need.cache / 2);
  EXPECT_EQ(memory_need(plan, {}).weights, need.weights / 2);
}

TEST(MemoryNeed, WhatNoNumberCountsIsRefused) {
  Store mlp;
  Plan plan;
  Block block;
  block.attention.heads = block.attention.kv_heads = 1 << 20;
  block.attention.head_dim = 1024;
  block.mlp = Mlp{.up_proj = {.weight = {.stored = mlp.tensor(1, 1)}}};
  plan.decoder.blocks = {block};
  try {
    memory_need(plan, {.sequences = 1u << 20, .new_tokens = 1u << 30});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::out_of_memory);
  }
}

}  // namespace
}  // namespace typecase
