// Contrastive search and DoLa in a world of five words whose hidden states and early logits are
// tables too.
#include "decode/decode.h"
#include "decode/strategies/dola.h"
#include "decode/table_model.h"

#include <typecase/error.h>

#include <gmock/gmock.h>

#include <cmath>

namespace typecase {
namespace {

using ::testing::ElementsAre;

using World = std::vector<std::vector<float>>;

World logs(World p) {
  for (auto& row : p) {
    for (float& x : row) x = std::log(x);
  }
  return p;
}

/// 0 pads, 1 ends.
const World kFinal = logs({{.2f, .2f, .2f, .2f, .2f},
                           {.2f, .2f, .2f, .2f, .2f},
                           {.05f, .10f, .05f, .45f, .35f},
                           {.05f, .15f, .45f, .05f, .30f},
                           {.05f, .05f, .50f, .30f, .10f}});

/// A table whose hidden state after a token is a direction in the plane, and which has one or two
/// early layers.
class Watchable final : public Stepper {
 public:
  Watchable(const Tokens& prompt, std::vector<World> early)
      : table_(kFinal, {prompt}), prompt_(prompt), last_{prompt.back()}, early_(std::move(early)) {}

  std::size_t vocabulary() const override { return 5; }
  std::span<const float> prefill() override {
    look_up();
    for (const TokenId t : prompt_) append(context_, t);
    return table_.prefill();
  }
  void select(std::span<const std::size_t> parents) override { table_.select(parents); }
  std::span<float> step(std::span<const TokenId> tokens) override {
    last_.assign(tokens.begin(), tokens.end());
    look_up();
    return table_.step(tokens);
  }
  void watch(const Watched& /*wanted*/) override {}
  std::span<const float> hidden() const override { return hidden_; }
  std::span<const float> context(std::size_t /*prompt*/) const override { return context_; }
  std::span<const float> early(std::size_t n) const override { return early_logits_.at(n); }

 private:
  /// 2 and 3 point the same way, 4 at a right angle to them.
  static void append(std::vector<float>& to, TokenId t) {
    to.push_back(t == 4 ? 0.0f : 2.0f);
    to.push_back(t == 4 ? 3.0f : 0.0f);
  }
  void look_up() {
    hidden_.clear();
    early_logits_.assign(early_.size(), {});
    for (const TokenId t : last_) {
      append(hidden_, t);
      for (std::size_t n = 0; n < early_.size(); ++n) {
        const auto& row = early_[n][static_cast<std::size_t>(t)];
        early_logits_[n].insert(early_logits_[n].end(), row.begin(), row.end());
      }
    }
  }
  TableModel table_;
  Tokens prompt_, last_;
  std::vector<World> early_;
  std::vector<float> hidden_, context_;
  std::vector<std::vector<float>> early_logits_;
};

DecodeOutput generate(GenerationConfig keywords, std::vector<World> early = {}) {
  keywords.set("pad_token_id", 0).set("eos_token_id", 1);
  const DecodeInput input{.ids = {{2}}, .mask = {}};
  const ModelFacts facts{.prompt_length = 1, .vocabulary = 5};
  const EffectiveConfig config = resolve(keywords, nullptr, {}, facts, nullptr);
  Watchable model({2}, std::move(early));
  Generator random(0);
  DecodeHooks hooks;
  hooks.layers = 4;
  return decode(model, config, input, random, hooks);
}

TEST(Contrastive, LeavesTheWayThatRepeatsTheContext) {
  auto config = GenerationConfig().set("max_new_tokens", 3).set("top_k", 2);
  // α small: greedy, 3 2 3. α = 0.6: after 2, 3 scores .4·.45 − .6·1 and 4 .4·.35 − .6·0; then 2
  // and 3 both point where 2 did, so the more probable 2; and so on with 4.
  EXPECT_THAT(generate(GenerationConfig(config).set("penalty_alpha", 1e-6)).sequences,
              ElementsAre(ElementsAre(2, 3, 2, 3)));
  EXPECT_THAT(generate(config.set("penalty_alpha", 0.6)).sequences,
              ElementsAre(ElementsAre(2, 4, 2, 3)));
}

TEST(Dola, PrefersWhatTheEarlyLayerDidNotKnow) {
  // F/E after 2: 3 has .45/.80, 4 has .35/.05.
  const World early(
      5, {std::log(.05f), std::log(.05f), std::log(.05f), std::log(.80f), std::log(.05f)});
  auto config = GenerationConfig().set("max_new_tokens", 1);
  config.set("dola_layers", Json::parse("[1]"));
  config.set("return_dict_in_generate", true).set("output_scores", true).set("output_logits", true);
  const auto out = generate(config, {early});
  EXPECT_THAT(out.sequences, ElementsAre(ElementsAre(2, 4)));
  EXPECT_NEAR(out.scores[0][0][3], std::log(.45f / .80f), 1e-5);
  EXPECT_EQ(out.logits[0][0][3], std::log(.45f));  // the model's own
  // .05 ≥ 0.1 · .45 stays.
  EXPECT_NEAR(out.scores[0][0][0], 0, 1e-5);
}

TEST(Dola, ContrastsWithTheLayerFarthestFromTheLast) {
  const World far(5,
                  {std::log(.05f), std::log(.05f), std::log(.05f), std::log(.80f), std::log(.05f)});
  auto config = GenerationConfig().set("max_new_tokens", 1);
  config.set("dola_layers", Json::parse("[0, 1]"));
  // The copy of the last layer would leave a tie between all words.
  EXPECT_THAT(generate(config, {kFinal, far}).sequences, ElementsAre(ElementsAre(2, 4)));
  EXPECT_THAT(generate(config, {far, kFinal}).sequences, ElementsAre(ElementsAre(2, 4)));
}

TEST(Dola, NamesTheLayersAsTheReferenceDoes) {
  const auto layers = [](const char* preset, std::size_t count, bool tied) {
    EffectiveConfig config;
    config.dola_preset = preset;
    return dola_candidates(config, count, tied);
  };
  EXPECT_THAT(layers("low", 8, false), ElementsAre(0, 2));
  EXPECT_THAT(layers("low", 8, true), ElementsAre(2));
  EXPECT_THAT(layers("low", 4, true), ElementsAre(2));  // start is the middle itself
  EXPECT_THAT(layers("low", 2, true), ElementsAre(1));
  EXPECT_THAT(layers("low", 1, true), ElementsAre(0));
  EXPECT_THAT(layers("high", 6, true), ElementsAre(3, 5));
  EXPECT_EQ(layers("low", 48, false).back(), 18);
  EXPECT_EQ(layers("high", 48, false).front(), 28);
  EffectiveConfig none;
  none.dola_layers = {4, 9};
  EXPECT_THROW(dola_candidates(none, 4, true), Error);
}

}  // namespace
}  // namespace typecase
