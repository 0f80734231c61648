// One row of a batch goes wrong: GenerateRequest::rows_fail_alone.
#include <typecase/error.h>
#include <typecase/model.h>

#include <gmock/gmock.h>

#include <numeric>

namespace typecase {
namespace {

using ::testing::HasSubstr;

const std::string kLlama3 = std::string(TYPECASE_SOURCE_DIR) + "/tests/golden/llama-3";

/// The first row holds every token of the vocabulary, so that a ban of repetitions leaves it none.
GenerateRequest batch(bool do_sample) {
  Tokens all(128);
  std::iota(all.begin(), all.end(), 0);
  Tokens few(120, 3);
  Mask mask(120, 0);
  for (const TokenId id : {40, 41, 42, 43, 44, 45, 46, 47}) {
    few.push_back(id);
    mask.push_back(1);
  }
  GenerateRequest request{.input_ids = {all, few}, .attention_mask = {Mask(128, 1), mask}};
  request.keywords.set("no_repeat_ngram_size", 1).set("max_new_tokens", 5);
  request.keywords.set("pad_token_id", 3).set("eos_token_id", 127).set("do_sample", do_sample);
  return request;
}

GenerateResult run(GenerateRequest request, std::uint64_t seed) {
  Generator generator(static_cast<std::int64_t>(seed));
  request.generator = &generator;
  return Model::open(kLlama3, {.dtype = "float32"}).generate(request);
}

TEST(RowsFailAlone, TheOtherRowGoesOnAsIfNothingHadHappened) {
  for (const bool do_sample : {false, true}) {
    GenerateRequest request = batch(do_sample);
    request.rows_fail_alone = true;
    const GenerateResult got = run(request, 5);
    ASSERT_EQ(got.row_errors.size(), 2u);
    ASSERT_TRUE(got.row_errors[0]);
    EXPECT_EQ(got.row_errors[0]->code(), Code::failed);
    EXPECT_THAT(got.row_errors[0]->what(), HasSubstr("every token is forbidden"));
    EXPECT_FALSE(got.row_errors[1]);
    EXPECT_EQ(Tokens(got.sequences[0].begin() + 128, got.sequences[0].end()), Tokens(5, 3));

    // The same place in the batch, so the same random numbers; a row that is fine.
    request.input_ids[0] = request.input_ids[1];
    request.attention_mask[0] = request.attention_mask[1];
    const GenerateResult fine = run(request, 5);
    EXPECT_EQ(got.sequences[1], fine.sequences[1]);
    EXPECT_FALSE(fine.row_errors[0]);
  }
}

TEST(RowsFailAlone, OffTheWholeCallDoesWhatTheReferenceDoes) {
  const GenerateResult greedy = run(batch(false), 5);
  EXPECT_TRUE(greedy.row_errors.empty());
  EXPECT_EQ(greedy.sequences[0][128], 0);  // the greatest of nothing but −∞ is the first
  try {
    run(batch(true), 5);
    FAIL() << "sampling from nothing was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::failed);
  }
}

}  // namespace
}  // namespace typecase
