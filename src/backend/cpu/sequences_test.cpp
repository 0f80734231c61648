/// Sequences of the CPU executor: forks, truncation, masked slots, windows, taps, errors.
#include "backend/cpu/amx_in_software.h"
#include "backend/cpu/isa/levels.h"
#include "backend/cpu/made_model.h"

#include <typecase/error.h>

#include <gmock/gmock.h>

namespace typecase {
namespace {

std::vector<float> run(Executor& e, SequenceId s, const std::vector<TokenId>& tokens) {
  return e.forward(made_rows(s, tokens, e.length(s))).logits;
}

void expect_near(const std::vector<float>& a, const std::vector<float>& b, float tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], tolerance) << "at " << i;
}

TEST(CpuSequences, ForksAndTruncationsContinueAsIfNothingElseExisted) {
  const MadeModel model(MadeShape{});
  const auto e = make_cpu_executor(model.plan, {.threads = 2, .isa = ""});
  const auto prompt = made_tokens(21, 50), left = made_tokens(5, 50, 1),
             right = made_tokens(5, 50, 2);
  const SequenceId a = e->create();
  run(*e, a, prompt);
  const SequenceId b = e->fork(a);
  const auto after_left = run(*e, a, left);
  const auto after_right = run(*e, b, right);

  const SequenceId alone = e->create();
  run(*e, alone, prompt);
  EXPECT_EQ(run(*e, alone, right), after_right);
  e->truncate(alone, 21);
  EXPECT_EQ(run(*e, alone, left), after_left);
  e->drop(b);
  EXPECT_EQ(e->length(a), 26);
}

TEST(CpuSequences, MaskedSlotsChangeNoBit) {
  const MadeModel model(MadeShape{});
  const auto e = make_cpu_executor(model.plan, {.threads = 1, .isa = ""});
  const auto tokens = made_tokens(20, 50);
  const auto alone = run(*e, e->create(), tokens);

  // Seven masked slots in front, one more after the third token; positions count what is visible.
  const SequenceId s = e->create();
  std::vector<Row> rows;
  int position = 0;
  for (int slot = 0; position < 20; ++slot) {
    const bool visible = slot >= 7 && slot != 10;
    rows.push_back({.sequence = s,
                    .token = visible ? tokens[static_cast<std::size_t>(position)] : 3,
                    .slot = slot,
                    .position = visible ? position : 1,
                    .visible = visible,
                    .logits = visible});
    position += visible ? 1 : 0;
  }
  EXPECT_EQ(e->forward(rows).logits, alone);
}

TEST(CpuSequences, WindowsSoftcapsMasksAndLayoutsEqualTheReferenceExecutor) {
  for (const auto implementation :
       {Attention::Implementation::sdpa, Attention::Implementation::eager}) {
    MadeModel model({.heads = 4, .kv_heads = 1});
    for (Block& b : model.plan.decoder.blocks) {
      b.attention.implementation = implementation;
      b.attention.window = 11;
      b.attention.softcap = 2;
      std::get<Rope>(b.attention.position).layout = Rope::Layout::interleaved;
      b.residual_multiplier = 0.7f;
    }
    model.plan.decoder.embedding.scale = 1.5f;
    const auto tokens = made_tokens(70, 50);
    const auto fast = make_cpu_executor(model.plan, {.threads = 2, .isa = ""});
    const auto oracle = make_reference_executor(model.plan);
    auto rows = made_rows(fast->create(), tokens);
    oracle->create();
    for (const std::size_t hidden : {0u, 1u, 30u, 69u}) rows[hidden].visible = false;
    expect_near(fast->forward(rows).logits, oracle->forward(rows).logits, 3e-5f);
  }
}

TEST(CpuSequences, ParallelBlocksAndHeadNormsEqualTheReferenceExecutor) {
  for (const auto order :
       {Block::SumOrder::attention_mlp_residual, Block::SumOrder::residual_attention_mlp}) {
    MadeModel model(MadeShape{});
    for (Block& b : model.plan.decoder.blocks) {
      b.arrangement = Block::Arrangement::parallel;
      b.sum_order = order;
      b.mlp_norm = {};
      const Norm norm{
          .kind = Norm::Kind::rms, .weight = {.stored = model.vector(16, 1)}, .eps = 1e-6f};
      b.attention.q_norm = b.attention.k_norm = norm;
    }
    const auto tokens = made_tokens(12, 50);
    const auto fast = make_cpu_executor(model.plan, {.threads = 1, .isa = ""});
    const auto oracle = make_reference_executor(model.plan);
    expect_near(run(*fast, fast->create(), tokens), run(*oracle, oracle->create(), tokens), 3e-5f);
  }
}

/// Of the last layer only keys and values are made for rows that do not ask for logits.
TEST(CpuSequences, WhoAsksForLogitsChangesNoBit) {
  for (const char* kind : {"llama", "gpt2", "parallel", "parallel with two norms", "post norm"}) {
    SCOPED_TRACE(kind);
    const std::string_view what = kind;
    MadeModel model({.gpt2 = what == "gpt2"});
    for (Block& b : model.plan.decoder.blocks) {
      if (what.starts_with("parallel")) b.arrangement = Block::Arrangement::parallel;
      if (what == "parallel") b.mlp_norm = {};
      if (what == "post norm") b.post_norm = true;
    }
    for (const DType dtype : {DType::float32, DType::bfloat16}) {
      model.plan.dtype = dtype;
      const auto e = make_cpu_executor(model.plan, {.threads = 2, .isa = ""});
      const auto tokens = made_tokens(40, 50), more = made_tokens(3, 50, 1);
      const SequenceId all = e->create();
      const auto logits = run(*e, all, tokens), after = run(*e, all, more);
      for (const std::vector<std::size_t>& asking :
           {std::vector<std::size_t>{}, {39}, {0, 7, 8, 25}}) {
        auto rows = made_rows(e->create(), tokens);
        for (Row& row : rows) row.logits = false;
        std::vector<float> expected;
        for (const std::size_t i : asking) {
          rows[i].logits = true;
          expected.insert(expected.end(), logits.begin() + static_cast<std::ptrdiff_t>(50 * i),
                          logits.begin() + static_cast<std::ptrdiff_t>(50 * (i + 1)));
        }
        EXPECT_EQ(e->forward(rows).logits, expected);
        EXPECT_EQ(run(*e, rows[0].sequence, more), after);
      }
    }
  }
}

TEST(CpuSequences, TapsEqualTheReferenceExecutors) {
  MadeModel model(MadeShape{});
  for (Block& b : model.plan.decoder.blocks) {
    b.attention.implementation = Attention::Implementation::eager;
  }
  const auto fast = make_cpu_executor(model.plan, {.threads = 2, .isa = ""});
  const auto oracle = make_reference_executor(model.plan);
  auto rows = made_rows(fast->create(), made_tokens(20, 50));
  oracle->create();
  rows[2].visible = false;
  for (const int limit : {0, 1}) {
    const Taps taps{.hidden_states = true, .attentions = true, .layer_limit = limit};
    const Output a = fast->forward(rows, taps), b = oracle->forward(rows, taps);
    ASSERT_EQ(a.hidden_states.size(), b.hidden_states.size());
    for (std::size_t i = 0; i < b.hidden_states.size(); ++i) {
      expect_near(a.hidden_states[i], b.hidden_states[i], 2e-5f);
    }
    ASSERT_EQ(a.attentions.size(), b.attentions.size());
    for (std::size_t i = 0; i < b.attentions.size(); ++i) {
      for (std::size_t row = 0; row < rows.size(); ++row) {
        expect_near(a.attentions[i][row], b.attentions[i][row], 1e-6f);
      }
    }
    fast->truncate(rows[0].sequence, 0);
    oracle->truncate(rows[0].sequence, 0);
  }
}

TEST(CpuSequences, ARowThatCannotBeComputedLeavesEverySequenceAsItWas) {
  const MadeModel model({.gpt2 = true, .positions = 32});
  const auto e = make_cpu_executor(model.plan, {.threads = 1, .isa = ""});
  const SequenceId s = e->create();
  run(*e, s, {1, 2, 3});
  auto rows = made_rows(s, {4, 5}, 3);
  rows[1].token = 50;
  EXPECT_THROW(e->forward(rows), Error);
  rows[1].token = 5;
  rows[1].position = 32;
  EXPECT_THROW(e->forward(rows), Error);
  EXPECT_EQ(e->length(s), 3);
}

TEST(CpuSequences, WhatCannotBeRunIsRefusedByName) {
  MadeModel model(MadeShape{});
  model.plan.decoder.blocks[0].attention.head_dim = 2000;
  try {
    make_cpu_executor(model.plan);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::unsupported);
    EXPECT_THAT(error.what(), testing::HasSubstr("1024 dimensions"));
  }
  const MadeModel half({.stored = DType::q8_0, .dtype = DType::float16});
  EXPECT_THROW(make_cpu_executor(half.plan), Error);
  EXPECT_THROW(make_cpu_executor(MadeModel(MadeShape{}).plan, {.threads = 1, .isa = "sse9"}),
               Error);
}

/// Recoding changes where weights lie and nothing else; what it cannot hold stays as it is.
TEST(CpuSequences, RecodedWeightsChangeNoBit) {
  for (const bool wild : {false, true}) {
    MadeModel model(
        {.hidden = 128, .inner = 320, .stored = DType::bfloat16, .dtype = DType::bfloat16});
    std::vector<std::byte> bytes(std::size_t{320} * 128 * 2);
    std::mt19937 random(7);
    for (std::size_t i = 1; i < bytes.size(); i += 2) {
      bytes[i] = static_cast<std::byte>(random() % 2 * 128 + 20 + random() % 40);
    }
    const Storage every_exponent("w", DType::bfloat16, Shape{320, 128}, std::move(bytes));
    if (wild) {
      auto& mlp = std::get<Mlp>(model.plan.decoder.blocks[1].mlp);
      mlp.up_proj.weight.stored = every_exponent.tensor();
    }
    for (const std::string& level : cpu::levels_to_run()) {
      const auto plain = make_cpu_executor(model.plan, {.threads = 2, .isa = level});
      const auto recoded =
          make_cpu_executor(model.plan, {.threads = 2, .isa = level, .recode = true});
      for (const int rows : {1, 2, 3, 4, 5, 8, 11, 16, 17, 40}) {
        const auto tokens = made_tokens(rows, 50);
        EXPECT_EQ(run(*recoded, recoded->create(), tokens), run(*plain, plain->create(), tokens))
            << level << ", " << rows << " rows" << (wild ? ", one matrix cannot be recoded" : "");
      }
    }
  }
}

TEST(CpuSequences, EightBitActivationsStayNear) {
  const auto int8 = [](const Plan& plan, const std::string& level) {
    return make_cpu_executor(plan, {.threads = 2, .isa = level, .int8_activations = true});
  };
  for (const DType dtype : {DType::float32, DType::bfloat16}) {
    const MadeModel model({.hidden = 256, .inner = 544, .stored = DType::q8_0, .dtype = dtype});
    const auto tokens = made_tokens(20, 50);
    for (const std::string& level : cpu::levels_to_run()) {
      if (cpu::kernels_for(level).pack_eight_bits == nullptr) {
        EXPECT_THROW(int8(model.plan, level), Error) << level;
        continue;
      }
      const auto exact = make_cpu_executor(model.plan, {.threads = 2, .isa = level});
      const auto coarse = int8(model.plan, level);
      const auto full = run(*exact, exact->create(), tokens);
      const auto near = run(*coarse, coarse->create(), tokens);
      double error = 0, size = 0;
      for (std::size_t i = 0; i < full.size(); ++i) {
        error += (near[i] - full[i]) * (near[i] - full[i]);
        size += full[i] * full[i];
      }
      EXPECT_LT(error, 0.03 * 0.03 * size);
      EXPECT_GT(error, 0);
    }
  }
}

/// Two levels whose vectors are sixteen lanes with fused multiply-add have one arithmetic.
TEST(CpuSequences, Avx2AndAvx512AgreeBitForBit) {
  if (!cpu_isa_available("avx2") || !cpu_isa_available("avx512")) GTEST_SKIP();
  for (const bool gpt2 : {false, true}) {
    const MadeModel model({.gpt2 = gpt2, .stored = DType::q4_1});
    const auto tokens = made_tokens(17, 50);
    const auto a = make_cpu_executor(model.plan, {.threads = 1, .isa = "avx2"});
    const auto b = make_cpu_executor(model.plan, {.threads = 1, .isa = "avx512"});
    EXPECT_EQ(run(*a, a->create(), tokens), run(*b, b->create(), tokens));
  }
}

}  // namespace
}  // namespace typecase
