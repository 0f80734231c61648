// What the reference computed, compared bit for bit: tests/golden/decode, tools/record_decode.py.
#include "decode/decode.h"
#include "decode/golden_test.h"
#include "decode/order.h"
#include "decode/processor_list.h"
#include "decode/softmax.h"
#include "decode/table_model.h"

#include <typecase/error.h>

#include <gmock/gmock.h>

namespace typecase {
namespace {

TEST(Recorded, SoftmaxAndLogSoftmax) {
  const auto all = golden::cases("softmax");
  ASSERT_GE(all.size(), 70u);
  for (std::size_t n = 0; n < all.size(); ++n) {
    const auto x = golden::floats(all[n].at("x"));
    std::vector<float> p(x.size()), l(x.size());
    softmax(x, p);
    log_softmax(x, l);
    EXPECT_EQ(golden::differing(p, golden::floats(all[n].at("softmax"))), 0u) << "case " << n;
    EXPECT_EQ(golden::differing(l, golden::floats(all[n].at("log_softmax"))), 0u) << "case " << n;
  }
}

Tokens indices(const std::vector<Ranked>& ranked) {
  Tokens out;
  for (const Ranked& r : ranked) out.push_back(r.index);
  return out;
}

TEST(Recorded, OrderAmongEquals) {
  const auto all = golden::cases("order");
  ASSERT_GE(all.size(), 100u);
  for (const Json& c : all) {
    const auto x = golden::floats(c.at("x"));
    const auto k = static_cast<std::size_t>(c.at("k").as_integer());
    EXPECT_EQ(indices(topk(x, k)), golden::tokens(c.at("topk")));
    EXPECT_EQ(indices(sorted_ascending(x)), golden::tokens(c.at("ascending")));
    EXPECT_EQ(indices(sorted_descending(x)), golden::tokens(c.at("descending")));
    EXPECT_EQ(argmax(x), c.at("argmax").as_integer());
  }
}

TEST(Recorded, EveryProcessorAndWarper) {
  const auto all = golden::cases("processors");
  ASSERT_GE(all.size(), 250u);
  for (std::size_t n = 0; n < all.size(); ++n) {
    const Json& c = all[n];
    auto x = golden::floats(c.at("x"));
    const Tokens ids = golden::tokens(c.at("ids"));
    GenerationConfig fields = GenerationConfig::from_json(c.at("fields"));
    fields.set("do_sample", true);
    if (fields.find("top_k") == nullptr) fields.set("top_k", 0);
    if (fields.find("max_length") == nullptr) fields.set("max_length", 1000);
    const auto p = static_cast<std::size_t>(c.at("prompt_length").as_integer());
    const ModelFacts facts{.prompt_length = p, .vocabulary = x.size()};
    const EffectiveConfig config = resolve(fields, nullptr, {}, facts, nullptr);
    const DecodeInput input{.ids = {{ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(p)}},
                            .mask = {}};
    const Processors list = build_processors(config, input, x.size(), {});
    const std::string name = c.at("name").as_string();
    ScoreRow row{.ids = ids, .prompt = 0, .index = 0};
    std::size_t acted = 0;
    for (const auto& processor : list) {
      // min_new_tokens sets min_length too; the recorded processor is the one of its name.
      if (processor->name() != name) continue;
      processor->apply(x, row);
      ++acted;
    }
    EXPECT_EQ(acted, name == "temperature" && fields.number(name) == 1.0 ? 0u : 1u) << name;
    EXPECT_EQ(golden::differing(x, golden::floats(c.at("y"))), 0u)
        << "case " << n << ": " << c.at("fields").dump();
  }
}

struct Loop {
  DecodeOutput out;
  std::string error;
};

Loop run(const Json& c) {
  const auto v = static_cast<std::size_t>(c.at("vocabulary").as_integer());
  const auto flat = golden::floats(c.at("table"));
  std::vector<std::vector<float>> table;
  for (std::size_t i = 0; i < v; ++i) {
    table.emplace_back(flat.begin() + static_cast<std::ptrdiff_t>(i * v),
                       flat.begin() + static_cast<std::ptrdiff_t>((i + 1) * v));
  }
  DecodeInput input{.ids = golden::rows(c.at("ids")), .mask = {}};
  GenerationConfig keywords = GenerationConfig::from_json(c.at("fields"));
  keywords.set("output_scores", true).set("return_dict_in_generate", true);
  keywords.set("output_logits", true);
  ModelFacts facts{
      .prompt_length = input.ids[0].size(), .batch = input.ids.size(), .vocabulary = v};
  facts.mask_given = !c.at("mask").is_null();
  Loop loop;
  try {
    const EffectiveConfig config = resolve(keywords, nullptr, {}, facts, nullptr);
    input.mask = infer_mask(input.ids, config);
    if (facts.mask_given) {
      for (std::size_t i = 0; i < input.mask.size(); ++i) {
        const Tokens mask = golden::tokens(c.at("mask").as_array()[i]);
        input.mask[i].assign(mask.begin(), mask.end());
      }
    }
    TableModel model(table, input.ids);
    Generator random(c.at("seed").as_integer());
    loop.out = decode(model, config, input, random);
  } catch (const Error& e) {
    loop.error = e.what();
  }
  return loop;
}

TEST(Recorded, WholeLoops) {
  const auto all = golden::cases("loops");
  ASSERT_GE(all.size(), 500u);
  std::size_t beams = 0, sampled = 0, failed = 0;
  for (std::size_t n = 0; n < all.size(); ++n) {
    const Json& c = all[n];
    const std::string where = "case " + std::to_string(n) + ": " + c.at("fields").dump();
    const Loop got = run(c);
    if (c.has("error")) {
      ++failed;
      EXPECT_NE(got.error, "") << where << " should fail: " << c.at("error").dump();
      continue;
    }
    ASSERT_EQ(got.error, "") << where;
    EXPECT_EQ(got.out.sequences, golden::rows(c.at("sequences"))) << where;
    sampled += c.at("fields").at("do_sample").as_bool() ? 1u : 0u;
    if (c.has("sequences_scores")) {
      ++beams;
      EXPECT_EQ(
          golden::differing(got.out.sequences_scores, golden::floats(c.at("sequences_scores"))), 0u)
          << where;
      EXPECT_EQ(got.out.beam_indices, golden::rows(c.at("beam_indices"))) << where;
    }
    if (c.has("steps")) {
      EXPECT_EQ(static_cast<std::int64_t>(got.out.scores.size()), c.at("steps").as_integer());
      std::vector<float> scores, logits;
      for (const auto& row : got.out.scores.back())
        scores.insert(scores.end(), row.begin(), row.end());
      for (const auto& row : got.out.logits.back())
        logits.insert(logits.end(), row.begin(), row.end());
      EXPECT_EQ(golden::differing(scores, golden::floats(c.at("last_scores"))), 0u) << where;
      EXPECT_EQ(golden::differing(logits, golden::floats(c.at("last_logits"))), 0u) << where;
    }
  }
  EXPECT_GE(sampled, 300u);
  EXPECT_GE(beams, 150u);
  RecordProperty("failed_as_recorded", static_cast<int>(failed));
}

}  // namespace
}  // namespace typecase
