/// An executor whose plan's tensors stay: its first pass reads them where they are, its second
/// packs them. Both have the bits of an executor that packed them at once.
#include "backend/cpu/amx_in_software.h"
#include "backend/cpu/made_model.h"
#include "base/mapped_file.h"

#include <typecase/error.h>

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>

namespace typecase {
namespace {

constexpr int kVocabulary = 99;

std::vector<float> logits(Executor& executor, const std::vector<TokenId>& tokens) {
  return executor.forward(made_rows(executor.create(), tokens)).logits;
}

/// The first pass, the second, and steps behind it against an executor without a first pass.
void expect_same_bits(const Plan& plan, const std::string& isa, int rows, bool recode = false) {
  const auto plain = make_cpu_executor(plan, {.threads = 1, .isa = isa});
  const auto lazy =
      make_cpu_executor(plan, {.threads = 2, .isa = isa, .recode = recode, .tensors_stay = true});
  const auto tokens = made_tokens(rows, kVocabulary), more = made_tokens(3, kVocabulary, 8);
  const auto expected = logits(*plain, tokens);
  const SequenceId begun = lazy->create();
  EXPECT_EQ(lazy->forward(made_rows(begun, tokens)).logits, expected) << "first pass";
  const SequenceId whole = plain->create();
  plain->forward(made_rows(whole, tokens));
  EXPECT_EQ(lazy->forward(made_rows(begun, more, rows)).logits,
            plain->forward(made_rows(whole, more, rows)).logits)
      << "second pass, over the first one's keys";
  EXPECT_EQ(logits(*lazy, tokens), expected) << "packed";
}

class FirstPass : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Isa, FirstPass, testing::ValuesIn(cpu::levels_to_run()),
                         [](const auto& level) { return level.param; });

TEST_P(FirstPass, HasTheBitsOfPackedWeightsInEveryFormat) {
  for (const DType dtype : {DType::float32, DType::bfloat16, DType::float16}) {
    for (const DType stored :
         {DType::float32, DType::bfloat16, DType::float16, DType::q8_0, DType::q4_0, DType::q4_1,
          DType::q5_0, DType::q5_1, DType::iq4_nl, DType::q2_k, DType::q3_k, DType::q4_k,
          DType::q5_k, DType::q6_k, DType::iq4_xs}) {
      if (dtype == DType::float16 && is_quantised(stored)) continue;
      const MadeModel model({.hidden = 256,
                             .heads = 4,
                             .kv_heads = 2,
                             .head_dim = 64,
                             .inner = 256,
                             .layers = 1,
                             .vocabulary = kVocabulary,
                             .stored = stored,
                             .dtype = dtype});
      for (const int rows : {1, 9}) {
        SCOPED_TRACE(std::string(name(stored)) + " in " + std::string(name(dtype)));
        expect_same_bits(model.plan, GetParam(), rows, true);
      }
    }
  }
}

TEST_P(FirstPass, HasTheBitsOfPackedWeightsInOddShapes) {
  for (const bool gpt2 : {false, true}) {
    for (const DType stored : {DType::float32, DType::bfloat16}) {
      for (const DType dtype : {DType::float32, DType::bfloat16}) {
        const MadeModel model({.hidden = 37,
                               .heads = 3,
                               .kv_heads = gpt2 ? 3 : 1,
                               .head_dim = 10,
                               .inner = 301,
                               .vocabulary = kVocabulary,
                               .gpt2 = gpt2,
                               .positions = 200,
                               .stored = stored,
                               .dtype = dtype});
        for (const int rows : {1, 20, 120, 132, 133})
          expect_same_bits(model.plan, GetParam(), rows);
      }
    }
  }
}

TEST_P(FirstPass, TakesExpertsFromTheirFiles) {
  MadeModel model({.vocabulary = kVocabulary});
  std::deque<MadeModel> others;  // who never move: plans point into them
  for (unsigned i = 0; i < 4; ++i) others.emplace_back(MadeShape{}, i + 10);
  const Tensor router = model.matrix(DType::float32, 4, 64);
  for (std::size_t layer = 0; layer < model.plan.decoder.blocks.size(); ++layer) {
    Experts experts;
    experts.router.weight.stored = router;
    for (const MadeModel& other : others) {
      experts.experts.push_back(std::get<Mlp>(other.plan.decoder.blocks[layer].mlp));
    }
    experts.per_token = 2;
    model.plan.decoder.blocks[layer].mlp = experts;
  }
  expect_same_bits(model.plan, GetParam(), 11);
}

TEST_P(FirstPass, NamesTheWinnersOfItsLogits) {
  const MadeModel model({.vocabulary = kVocabulary});
  const auto lazy = make_cpu_executor(
      model.plan, {.threads = 2, .isa = GetParam(), .tensors_stay = true, .screen_head = 0.8});
  const auto tokens = made_tokens(7, kVocabulary);
  std::vector<TokenId> expected;
  const auto all =
      logits(*make_cpu_executor(model.plan, {.threads = 1, .isa = GetParam()}), tokens);
  for (auto row = all.begin(); row != all.end(); row += kVocabulary) {
    expected.push_back(static_cast<TokenId>(std::max_element(row, row + kVocabulary) - row));
  }
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_TRUE(lazy->finds_winners());
    const Output out =
        lazy->forward(made_rows(lazy->create(), tokens), {.winners = lazy->finds_winners()});
    EXPECT_EQ(out.winners, expected);
    EXPECT_TRUE(out.logits.empty());
  }
}

TEST(FirstPassOf, PreparedWeightsNeedsNoTensors) {
  auto model = std::make_unique<MadeModel>(MadeShape{.vocabulary = kVocabulary});
  const auto tokens = made_tokens(7, kVocabulary);
  const auto expected = logits(*make_cpu_executor(model->plan, {.threads = 1, .isa = ""}), tokens);
  const auto lazy = make_cpu_executor(model->plan, {.threads = 1, .isa = "", .tensors_stay = true});
  lazy->prepare();
  model.reset();
  EXPECT_EQ(logits(*lazy, tokens), expected);
}

/// An executor whose head is a file that shrinks after a pass over `before` tokens.
void expect_notice(int before) {
  MadeModel model({.vocabulary = kVocabulary});
  Tensor& head = model.plan.head.lm_head.weight.stored;
  const auto path = std::filesystem::temp_directory_path() /
                    ("typecase_first_pass_" + std::to_string(::getpid()));
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(head.bytes.data()),
             static_cast<std::streamsize>(head.bytes.size()));
  const MappedFile file(path.string());
  head.bytes = file.bytes();
  head.file = &file;
  const auto lazy = make_cpu_executor(model.plan, {.threads = 2, .isa = "", .tensors_stay = true});
  const SequenceId id = lazy->create();
  if (before > 0) lazy->forward(made_rows(id, made_tokens(before, kVocabulary)));
  std::filesystem::resize_file(path, 100);
  for (int attempt = 0; attempt < 2; ++attempt) {
    try {
      lazy->forward(made_rows(id, made_tokens(1, kVocabulary), before));
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::io);
      EXPECT_THAT(error.what(), testing::HasSubstr("shrank"));
    }
    EXPECT_EQ(lazy->length(id), before);
  }
  std::filesystem::remove(path);
}

TEST(FirstPassOf, AFileThatShrinksBeforeOrBehindItIsNoticed) {
  expect_notice(0);
  expect_notice(5);
}

}  // namespace
}  // namespace typecase
