#include "decode/trace/tracer.h"

#include "decode/decode.h"
#include "decode/processor_list.h"
#include "decode/table_model.h"

#include <gmock/gmock.h>

#include <cmath>
#include <optional>

namespace typecase {
namespace {

using ::testing::ElementsAre;

/// Three words: 0 is followed by 1 or 2, with 3 : 1; then everything is 0.
std::vector<std::vector<float>> three_words() {
  return {{kNever, std::log(0.75f), std::log(0.25f)}, {0, kNever, kNever}, {0, kNever, kNever}};
}

EffectiveConfig config_of(const GenerationConfig& keywords) {
  return resolve(keywords, nullptr, {}, {.prompt_length = 1, .vocabulary = 3}, nullptr);
}

struct Seen {
  DecodeOutput out;
  std::vector<trace::Event> events;
};

Seen generate(const GenerationConfig& keywords, bool watched) {
  Seen seen;
  const EffectiveConfig config = config_of(keywords);
  const trace::Observer observer{
      .on_event = [&](const trace::Event& e) { seen.events.push_back(e); }, .candidates = 2};
  std::optional<Tracer> tracer;
  DecodeHooks hooks;
  if (watched) hooks.tracer = &tracer.emplace(observer, config);
  TableModel model(three_words(), {{0}});
  Generator random(0);
  seen.out = decode(model, config, {.ids = {{0}}, .mask = {}}, random, hooks);
  return seen;
}

std::vector<std::string> names(const std::vector<trace::Event>& events) {
  std::vector<std::string> out;
  for (const auto& e : events) out.push_back(trace::name_of(e));
  return out;
}

TEST(Trace, WatchingChangesNoToken) {
  for (const bool sampled : {false, true}) {
    for (const int beams : {1, 2}) {
      const auto config = GenerationConfig()
                              .set("max_new_tokens", 4)
                              .set("do_sample", sampled)
                              .set("num_beams", beams)
                              .set("repetition_penalty", 1.5);
      const Seen watched = generate(config, true);
      const Seen alone = generate(config, false);
      EXPECT_EQ(watched.out.sequences, alone.out.sequences);
      EXPECT_EQ(watched.out.sequences_scores, alone.out.sequences_scores);
      EXPECT_TRUE(alone.events.empty());
    }
  }
}

TEST(Trace, ProcessorsAreWrappedOnlyForAnObserver) {
  const EffectiveConfig config = config_of(GenerationConfig().set("repetition_penalty", 1.5));
  const DecodeInput input{.ids = {{0}}, .mask = {}};
  DecodeHooks hooks;
  EXPECT_EQ(build_processors(config, input, 3, hooks).size(), 1U);
  const trace::Observer observer{.on_event = [](const trace::Event&) {}};
  Tracer tracer(observer, config);
  hooks.tracer = &tracer;
  EXPECT_EQ(build_processors(config, input, 3, hooks).size(), 3U);
}

TEST(Trace, TellsAStepInOrder) {
  const auto config = GenerationConfig().set("max_new_tokens", 1).set("do_sample", true);
  const Seen seen = generate(GenerationConfig(config).set("top_k", 1), true);
  EXPECT_THAT(names(seen.events), ElementsAre("begin", "logits", "processed", "distribution",
                                              "choice", "finish", "end"));
  const auto& cut = std::get<trace::Processed>(seen.events[2]);
  EXPECT_EQ(cut.name, "top_k");
  EXPECT_EQ(cut.cut, 2U);
  EXPECT_NEAR(cut.mass_cut, 0.25, 1e-6);
  const auto& choice = std::get<trace::Choice>(seen.events[4]);
  EXPECT_EQ(choice.id, 1);
  EXPECT_NEAR(choice.raw_probability, 0.75, 1e-6);
  EXPECT_EQ(choice.probability, 1);
}

}  // namespace
}  // namespace typecase
