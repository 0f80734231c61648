// The greatest logit by way of a copy of the head in eight bits: always the head's own winner.
#include "backend/cpu/head_screen.h"

#include "backend/cpu/amx_in_software.h"
#include "backend/cpu/made_model.h"
#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace typecase {
namespace {

constexpr int kVocabulary = 1003;  // ends inside a panel

struct Case {
  const char* name;
  DType stored, dtype;
  int hidden;
  bool recode = false;
};

constexpr Case kCases[] = {
    {"float32", DType::float32, DType::float32, 96},
    {"bfloat16", DType::bfloat16, DType::bfloat16, 96},
    {"recoded", DType::bfloat16, DType::bfloat16, 128, true},
    {"float16", DType::float16, DType::float32, 64},
};

/// The head's rows i and i + 500 are equal, and some rows are large: ties, and weights that eight
/// bits hold badly.
Storage with_equal_rows(const Tensor& head) {
  std::vector<std::byte> bytes(head.bytes.begin(), head.bytes.end());
  const std::size_t row = bytes.size() / kVocabulary;
  for (std::size_t i = 0; i < 500; ++i) {
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(i * row), row,
                bytes.begin() + static_cast<std::ptrdiff_t>((i + 500) * row));
  }
  return {"head", head.dtype, head.shape, std::move(bytes)};
}

std::vector<TokenId> winners_of(const std::vector<float>& logits) {
  std::vector<TokenId> out;
  for (auto row = logits.begin(); row != logits.end(); row += kVocabulary) {
    out.push_back(static_cast<TokenId>(std::max_element(row, row + kVocabulary) - row));
  }
  return out;
}

class HeadScreened : public ::testing::TestWithParam<Case> {};

TEST_P(HeadScreened, FindsTheWinnersOfTheLogits) {
  const Case& c = GetParam();
  for (const std::string& level : cpu::levels_to_run()) {
    for (const bool equal_rows : {false, true}) {
      MadeModel model(
          {.hidden = c.hidden, .vocabulary = kVocabulary, .stored = c.stored, .dtype = c.dtype});
      const Storage head = with_equal_rows(model.plan.head.lm_head.weight.stored);
      if (equal_rows) model.plan.head.lm_head.weight.stored = head.tensor();
      const auto executor = make_cpu_executor(
          model.plan, {.threads = 2, .isa = level, .recode = c.recode, .screen_head = 0.8});
      if (!executor->finds_winners()) {
        EXPECT_TRUE(false) << level;
        continue;
      }
      const auto tokens = made_tokens(120, kVocabulary);
      const SequenceId a = executor->create(), b = executor->create();
      const auto expected = winners_of(executor->forward(made_rows(a, tokens)).logits);
      std::vector<TokenId> found;
      for (int at = 0; at < 120;) {  // steps of 1, 2, … 9 rows
        const int n = std::min(1 + at % 9, 120 - at);
        const Output out = executor->forward(
            made_rows(b, {tokens.begin() + at, tokens.begin() + at + n}, at), {.winners = true});
        EXPECT_TRUE(out.logits.empty());
        found.insert(found.end(), out.winners.begin(), out.winners.end());
        at += n;
      }
      EXPECT_EQ(found, expected) << level << (equal_rows ? ", equal rows" : "");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, HeadScreened, ::testing::ValuesIn(kCases),
                         [](const auto& at) { return at.param.name; });

TEST(HeadScreen, IsOfferedOnlyWhereItsBoundHolds) {
  const auto offered = [](MadeModel& model) {
    return make_cpu_executor(model.plan, {.threads = 1, .isa = "", .screen_head = 0.8})
        ->finds_winners();
  };
  MadeModel plain({.vocabulary = kVocabulary});
  EXPECT_TRUE(offered(plain));
  EXPECT_FALSE(make_cpu_executor(plain.plan, {.threads = 1, .isa = "", .screen_head = 0.2})
                   ->finds_winners());  // nine bits of 32 are more
  EXPECT_FALSE(make_cpu_executor(plain.plan, {.threads = 1, .isa = ""})->finds_winners());
  plain.plan.head.softcap = 30;
  EXPECT_FALSE(offered(plain));
  MadeModel biased({.vocabulary = kVocabulary});
  biased.plan.head.lm_head.bias.stored = biased.vector(kVocabulary, 0);
  EXPECT_FALSE(offered(biased));
  MadeModel small({.vocabulary = kVocabulary, .stored = DType::q8_0});
  EXPECT_FALSE(offered(small));  // eight bits already
  MadeModel broken({.vocabulary = kVocabulary});
  std::vector<std::byte> bytes(broken.plan.head.lm_head.weight.stored.bytes.begin(),
                               broken.plan.head.lm_head.weight.stored.bytes.end());
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(bytes.data() + 4000, &nan, sizeof nan);
  const Storage with_nan("head", DType::float32, Shape{kVocabulary, 64}, std::move(bytes));
  broken.plan.head.lm_head.weight.stored = with_nan.tensor();
  EXPECT_FALSE(offered(broken));
}

/// A float32 matrix in panels.
struct Packed {
  cpu::PackedMatrix matrix;
  std::vector<std::byte> bytes;

  explicit Packed(const Matrix& from) : matrix(cpu::plan_packing(from, DType::float32)) {
    bytes.resize(matrix.bytes());
    matrix.data = bytes.data();
    cpu::pack_panels(from, matrix, 0, matrix.panels());
  }
};

TEST(HeadScreen, WhatTheCopyIsOffByStaysBelowTheBound) {
  constexpr int kIn = 96, kOut = 80;
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  MadeModel model({.hidden = kIn, .vocabulary = kOut});
  std::vector<float> weights(kIn * kOut);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = normal(random) * (i % 37 == 0 ? 50.0f : 0.1f) * (i < 960 ? 1e-6f : 1.0f);
  }
  const Storage storage("w", Shape{kOut, kIn}, weights);
  const Packed packed({.stored = storage.tensor()});
  ThreadPool pool(2);
  const auto screen = cpu::HeadScreen::of(packed.matrix, 0.8, pool);
  ASSERT_NE(screen, nullptr);
  double closest = 1e9;
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<float> x(kIn);
    for (float& v : x) v = normal(random) * std::pow(10.0f, normal(random));
    if (trial % 2 == 0) x[static_cast<std::size_t>(trial) % kIn] *= 100;
    const auto states = screen->measure(x);
    ASSERT_TRUE(states.usable);
    for (int o = 0; o < kOut; ++o) {
      std::vector<float> w(kIn), q(kIn);
      packed.matrix.row(o, w.data());
      screen->copy().row(o, q.data());
      long double off = 0;
      for (std::size_t k = 0; k < kIn; ++k) {
        off += (static_cast<long double>(w[k]) - static_cast<long double>(q[k])) *
               static_cast<long double>(x[k]);
      }
      const double bound = screen->bound(o / cpu::kPanel, states);
      EXPECT_LE(std::abs(static_cast<double>(off)), bound);
      closest = std::min(closest, bound / std::abs(static_cast<double>(off)));
    }
  }
  EXPECT_LT(closest, 3);  // it is no idle bound
  const float inf = std::numeric_limits<float>::infinity();
  for (const float bad : {inf, -inf, inf - inf, 1e37f}) {
    std::vector<float> x(kIn, 1.0f);
    x[5] = bad;
    EXPECT_FALSE(screen->measure(x).usable);
  }
}

}  // namespace
}  // namespace typecase
