// Config resolution against what the reference resolved:
// tests/golden/decode/{invalid,resolve}.jsonl.
#include "decode/decode.h"
#include "decode/golden_test.h"
#include "decode/processor_list.h"
#include "decode/table_model.h"

#include <typecase/error.h>

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

namespace typecase {
namespace {

TEST(Resolve, RefusesWhatTheReferenceRefusesAndNamesTheField) {
  const auto all = golden::cases("invalid");
  ASSERT_GE(all.size(), 60u);
  for (const Json& c : all) {
    const std::string key = c.at("key").as_string();
    const ModelFacts facts{.prompt_length = 3, .vocabulary = 7};
    try {
      resolve(GenerationConfig::from_json(c.at("fields")), nullptr, {}, facts, nullptr);
      ADD_FAILURE() << "accepted: " << c.at("fields").dump();
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Code::invalid_argument) << e.what();
      EXPECT_THAT(std::string(e.what()), ::testing::HasSubstr(key)) << c.at("fields").dump();
    }
  }
}

/// The kinds of sentence that the recorder tells apart, as ours begin.
std::string kind_of(const std::string& warning) {
  const std::vector<std::pair<std::string, std::string>> kinds = {
      {"these generation fields have no effect", "no effect"},
      {"both `max_new_tokens`", "both max"},
      {"both `min_new_tokens`", "both min"},
      {"no length is set", "default length"},
      {"the minimum length", "infeasible"},
      {"a generation config and single", "deprecated"},
      {"a batch without attention mask and without pad", "blind batch"},
      {"a batch without attention mask whose pad", "pad is end"},
      {"the batch is padded on the right", "right padding"},
      {"`eos_token_id` holds a negative", "negative end"}};
  for (const auto& [start, kind] : kinds) {
    if (warning.starts_with(start)) return kind;
  }
  return "unknown: " + warning;
}

struct Resolved {
  EffectiveConfig config;
  std::vector<std::string> warnings;
};

Resolved resolve_case(const Json& c) {
  const auto prompts = golden::rows(c.at("prompts"));
  const auto keywords = GenerationConfig::from_json(c.at("keywords"));
  const auto model = GenerationConfig::from_json(c.at("model"));
  GenerationConfig object;
  if (c.has("object")) object = GenerationConfig::from_json(c.at("object"));
  ModelFacts facts{.prompt_length = prompts[0].size(), .batch = prompts.size(), .vocabulary = 7};
  if (!c.at("max_position_embeddings").is_null()) {
    facts.max_position_embeddings =
        static_cast<std::size_t>(c.at("max_position_embeddings").as_integer());
  }
  // Without a mask, the reference takes a last id equal to the pad token for right padding.
  const EffectiveConfig first =
      resolve(keywords, c.has("object") ? &object : nullptr, model, facts, nullptr);
  facts.right_padded =
      first.pad_token_id && std::any_of(prompts.begin(), prompts.end(), [&](const Tokens& p) {
        return p.back() == *first.pad_token_id;
      });
  Resolved out;
  out.config = resolve(keywords, c.has("object") ? &object : nullptr, model, facts, &out.warnings);
  return out;
}

std::vector<std::string> processor_names(const EffectiveConfig& config, const Json& prompts) {
  const DecodeInput input{.ids = golden::rows(prompts), .mask = {}};
  std::vector<std::string> out;
  for (const auto& p : build_processors(config, input, 7, {})) out.emplace_back(p->name());
  return out;
}

void expect_fields(const EffectiveConfig& config, const Json& recorded, const std::string& where) {
  for (const auto& [name, value] : recorded.as_object()) {
    if (name == "max_length") {
      EXPECT_EQ(static_cast<std::int64_t>(config.max_length), value.as_integer()) << where;
    } else if (name == "min_length" && !value.is_null()) {
      EXPECT_EQ(static_cast<std::int64_t>(config.min_length), value.as_integer()) << where;
    } else if (name != "min_length") {
      const Json* ours = config.all.find(name);
      EXPECT_EQ(ours == nullptr ? Json() : *ours, value) << name << " in " << where;
    }
  }
}

TEST(Resolve, SettlesEveryFieldAsTheReference) {
  std::size_t compared = 0, refused = 0;
  for (const Json& c : golden::cases("resolve")) {
    if (c.has("config")) continue;
    const std::string where = c.dump();
    Resolved got;
    try {
      got = resolve_case(c);
      EXPECT_FALSE(c.has("error")) << where;
      if (c.has("error")) continue;
    } catch (const Error& e) {
      EXPECT_TRUE(c.has("error")) << e.what() << " in " << where;
      ++refused;
      continue;
    }
    ++compared;
    expect_fields(got.config, c.at("fields"), where);
    EXPECT_EQ(
        got.config.pad_token_id.has_value() ? Json(std::int64_t{*got.config.pad_token_id}) : Json(),
        c.at("pad"))
        << where;
    EXPECT_EQ(Json::array_of(processor_names(got.config, c.at("prompts"))), c.at("processors"))
        << where;
    std::set<std::string> kinds, expected;
    for (const auto& w : got.warnings) kinds.insert(kind_of(w));
    for (const Json& w : c.at("warnings").as_array()) expected.insert(w.as_string());
    EXPECT_EQ(kinds, expected) << where;
  }
  EXPECT_GE(compared, 120u);
  EXPECT_GE(refused, 10u);
}

TEST(Resolve, NamesTheFieldsThatHaveNoEffect) {
  std::size_t seen = 0;
  for (const Json& c : golden::cases("resolve")) {
    if (c.has("config") || c.has("error")) continue;
    std::set<std::string> ours, expected;
    for (const auto& w : resolve_case(c).warnings) {
      if (kind_of(w) == "no effect") ours.insert(w.substr(w.find(": ") + 2));
    }
    for (const Json& list : c.at("ignored").as_array()) {
      std::string joined;
      for (const Json& name : list.as_array()) {
        joined += (joined.empty() ? "" : ", ") + name.as_string();
      }
      expected.insert(joined);
    }
    EXPECT_EQ(ours, expected) << c.dump();
    seen += expected.empty() ? 0u : 1u;
  }
  EXPECT_GE(seen, 50u);
}

TEST(Resolve, AdoptsTheFieldsOfOldConfigs) {
  std::size_t seen = 0;
  for (const Json& c : golden::cases("resolve")) {
    if (!c.has("config")) continue;
    ++seen;
    const auto ours = GenerationConfig::from_model_config(c.at("config"));
    EXPECT_EQ(ours.fields().size(), c.at("adopted").size()) << c.dump();
    for (const auto& [name, value] : c.at("adopted").as_object()) {
      ASSERT_NE(ours.find(name), nullptr) << name << " in " << c.dump();
      EXPECT_EQ(*ours.find(name), value) << name;
    }
  }
  EXPECT_EQ(seen, 5u);
}

TEST(Resolve, AnExplicitNullSwitchesOffButAnUnsetObjectFieldIsFilled) {
  const ModelFacts facts{.prompt_length = 1, .vocabulary = 7};
  const auto sampling = GenerationConfig().set("do_sample", true).set("max_new_tokens", 2);
  auto keywords = sampling;
  keywords.set("top_k", nullptr);
  EXPECT_FALSE(resolve(keywords, nullptr, {}, facts, nullptr).top_k);
  auto object = sampling;
  object.set("top_k", nullptr);
  EXPECT_EQ(resolve({}, &object, {}, facts, nullptr).top_k, 50u);
}

TEST(Resolve, AnEmptyPromptNeedsABosToken) {
  EXPECT_EQ(require_bos(GenerationConfig().set("bos_token_id", 5)), 5);
  EXPECT_THROW(require_bos(GenerationConfig()), Error);
}

}  // namespace
}  // namespace typecase
