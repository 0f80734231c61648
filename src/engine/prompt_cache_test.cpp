/// A kept prompt: the same tokens, less to compute.
#include <typecase/error.h>
#include <typecase/model.h>
#include <typecase/prompt_cache.h>

#include <gmock/gmock.h>

namespace typecase {
namespace {

Model tiny(const std::string& name = "llama-3") {
  return Model::open(TYPECASE_SOURCE_DIR "/tests/golden/" + name, {.dtype = "float32"});
}

GenerateRequest request(const Tokens& ids, int fresh, PromptCache* cache) {
  GenerateRequest r{.input_ids = {ids}};
  r.keywords.set("max_new_tokens", fresh).set("eos_token_id", Json(nullptr));
  r.keywords.set("do_sample", true).set("temperature", 1.5);
  r.prompt_cache = cache;
  return r;
}

Tokens sampled(const Model& model, const Tokens& ids, int fresh, PromptCache* cache) {
  Generator generator(7);
  GenerateRequest r = request(ids, fresh, cache);
  r.generator = &generator;
  return model.generate(r).sequences.at(0);
}

Tokens followed_by(Tokens ids, std::initializer_list<TokenId> more) {
  ids.insert(ids.end(), more);
  return ids;
}

TEST(PromptCache, EveryTurnGivesTheTokensOfACallWithoutIt) {
  for (const char* name : {"llama-3", "gpt2", "llama-dynamic", "llama-longrope"}) {
    const Model model = tiny(name);
    PromptCache cache(model);
    Tokens text{9, 50, 93, 4, 17};
    for (int turn = 0; turn < 4; ++turn) {
      const Tokens kept = sampled(model, text, 6, &cache);
      EXPECT_EQ(kept, sampled(model, text, 6, nullptr)) << name << ", turn " << turn;
      text = followed_by(kept, {3, 1, 4});
    }
  }
}

TEST(PromptCache, OnlyWhatIsNewIsComputed) {
  const Model model = tiny();
  PromptCache cache(model);
  const Tokens first = sampled(model, {9, 50, 93}, 5, &cache);
  EXPECT_EQ(cache.reused(), 0u);
  // The last token was chosen and never read.
  EXPECT_EQ(cache.tokens(), Tokens(first.begin(), first.end() - 1));
  sampled(model, followed_by(first, {1, 2}), 5, &cache);
  EXPECT_EQ(cache.reused(), first.size() - 1);
}

TEST(PromptCache, GoesBackToWhereTextsPart) {
  const Model model = tiny();
  PromptCache cache(model);
  sampled(model, {9, 50, 93, 4, 17}, 6, &cache);
  const Tokens other{9, 50, 93, 5};
  EXPECT_EQ(sampled(model, other, 6, &cache), sampled(model, other, 6, nullptr));
  EXPECT_EQ(cache.reused(), 3u);
  // The same prompt again: its last token is computed for its logits.
  EXPECT_EQ(sampled(model, other, 6, &cache), sampled(model, other, 6, nullptr));
  EXPECT_EQ(cache.reused(), 3u);
}

TEST(PromptCache, ReadsAheadInPiecesThatCanBeStopped) {
  const Model model = tiny();
  PromptCache cache(model);
  Tokens text(100, 9);
  int asked = 0;
  EXPECT_FALSE(cache.read(text, [&] { return ++asked == 2; }));
  EXPECT_EQ(cache.tokens().size(), 64u);
  EXPECT_TRUE(cache.read(text));
  EXPECT_EQ(cache.reused(), 64u);
  EXPECT_EQ(cache.tokens(), Tokens(99, 9));
  EXPECT_EQ(sampled(model, text, 6, &cache), sampled(model, text, 6, nullptr));
  EXPECT_EQ(cache.reused(), 99u);
  cache.clear();
  EXPECT_TRUE(cache.tokens().empty());
}

TEST(PromptCache, OtherCallsLeaveItAlone) {
  const Model model = tiny();
  PromptCache cache(model);
  cache.read({9, 50, 93, 4});
  const Tokens held = cache.tokens();
  GenerateRequest beams = request({9, 50, 93, 4}, 4, &cache);
  beams.keywords.set("do_sample", false).set("temperature", Json(nullptr)).set("num_beams", 3);
  const auto with = model.generate(beams).sequences;
  EXPECT_EQ(cache.tokens(), held);
  beams.prompt_cache = nullptr;
  EXPECT_EQ(with, model.generate(beams).sequences);

  GenerateRequest masked = request({9, 50, 93, 4}, 4, &cache);
  masked.attention_mask = {{0, 1, 1, 1}};
  Generator one(1), two(1);
  masked.generator = &one;
  const auto first = model.generate(masked).sequences;
  masked.generator = &two;
  masked.prompt_cache = nullptr;
  EXPECT_EQ(first, model.generate(masked).sequences);

  // Hidden states are of every slot.
  GenerateRequest states = request({9, 50, 93, 4}, 2, &cache);
  states.keywords.set("return_dict_in_generate", true).set("output_hidden_states", true);
  EXPECT_EQ(model.generate(states).hidden_states.at(0).at(0).at(0).size(), 4u * 32u);
}

TEST(PromptCache, AFailedCallLeavesItUsable) {
  const Model model = tiny();
  PromptCache cache(model);
  sampled(model, {9, 50, 93}, 5, &cache);
  EXPECT_THROW(sampled(model, {9, 50, 93, 100000}, 5, &cache), Error);
  EXPECT_EQ(sampled(model, {9, 50, 93, 7}, 5, &cache), sampled(model, {9, 50, 93, 7}, 5, nullptr));
}

}  // namespace
}  // namespace typecase
