/// The public interface on tiny checkpoints. Equality with the reference is tests/end_to_end's.
#include <typecase/error.h>
#include <typecase/model.h>

#include <gmock/gmock.h>

namespace typecase {
namespace {

using ::testing::HasSubstr;

Model tiny(const std::string& name = "llama-3") {
  return Model::open(TYPECASE_SOURCE_DIR "/tests/golden/" + name, {.dtype = "float32"});
}

GenerateRequest request(std::vector<Tokens> ids) {
  GenerateRequest r{.input_ids = std::move(ids)};
  r.keywords.set("max_new_tokens", 8).set("eos_token_id", Json(nullptr));
  return r;
}

std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(Model, GreedyTextIsTheSameAloneAndInABatch) {
  const Model model = tiny();
  const auto alone = model.generate(request({{9, 50, 93}})).sequences;
  auto batch = request({{1, 2, 3, 4, 5}, {0, 0, 9, 50, 93}});
  batch.attention_mask = {{1, 1, 1, 1, 1}, {0, 0, 1, 1, 1}};
  const auto both = model.generate(batch).sequences;
  EXPECT_EQ(Tokens(both[1].begin() + 2, both[1].end()), alone[0]);
}

TEST(Model, ASeedGivesTheSameTextAgain) {
  const Model model = tiny();
  auto r = request({{9, 50}});
  r.keywords.set("do_sample", true).set("num_return_sequences", 3);
  Generator a(42), b(42);
  r.generator = &a;
  const auto first = model.generate(r).sequences;
  r.generator = &b;
  EXPECT_EQ(model.generate(r).sequences, first);
  EXPECT_EQ(first.size(), 3u);
}

TEST(Model, TokensArriveStepByStepAndCanBeStopped) {
  const Model model = tiny();
  auto r = request({{9, 50}});
  std::vector<TokenId> seen;
  r.on_tokens = [&](const std::vector<TokenId>& t) { seen.push_back(t.at(0)); };
  r.should_stop = [&] { return seen.size() >= 3; };
  const auto result = model.generate(r);
  EXPECT_TRUE(result.stopped);
  EXPECT_EQ(Tokens(result.sequences[0].begin() + 2, result.sequences[0].end()), seen);
}

TEST(Model, WrongInputsAreNamed) {
  const Model model = tiny();
  EXPECT_THAT(error_of([&] { model.generate(request({{1, 2}, {1}})); }), HasSubstr("input_ids"));
  EXPECT_THAT(error_of([&] { model.generate(request({{1, 5000}})); }), HasSubstr("token id 5000"));
  auto r = request({{1, 2}});
  r.attention_mask = {{1}};
  EXPECT_THAT(error_of([&] { model.generate(r); }), HasSubstr("attention_mask"));
  EXPECT_THAT(error_of([&] { model.logits({{1, 2}}, {{1}}); }), HasSubstr("attention_mask"));
}

TEST(Model, OpenRefusesWhatItCannotRun) {
  EXPECT_THAT(error_of([] { Model::open("no/such/folder"); }), HasSubstr("no/such/folder"));
  EXPECT_THAT(
      error_of([] { Model::open(TYPECASE_SOURCE_DIR "/tests/golden/llama-3", {.dtype = "int3"}); }),
      HasSubstr("choose auto, float32, bfloat16 or float16"));
}

TEST(Model, LogitsOfMaskedBatchesKeepTheirShape) {
  const Model model = tiny();
  const auto logits = model.logits({{0, 9, 50}, {1, 2, 3}}, {{0, 1, 1}, {1, 1, 1}});
  ASSERT_EQ(logits.size(), 2u);
  ASSERT_EQ(logits[0].size(), 3u);
  EXPECT_EQ(static_cast<std::int64_t>(logits[0][0].size()), model.vocabulary());
  EXPECT_EQ(logits[0][2], model.logits({{9, 50}})[0][1]);
}

}  // namespace
}  // namespace typecase
