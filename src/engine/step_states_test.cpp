// Hidden states and attentions against the reference: tests/golden/strategies/states.jsonl.
#include "engine/step_states.h"

#include <typecase/model.h>

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace typecase {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kGolden = std::string(TYPECASE_SOURCE_DIR) + "/tests/golden/";

template <class T>
std::vector<std::vector<T>> rows(const Json& lists) {
  std::vector<std::vector<T>> out;
  for (const Json& list : lists.as_array()) {
    out.emplace_back();
    for (const Json& x : list.as_array()) out.back().push_back(static_cast<T>(x.as_integer()));
  }
  return out;
}

GenerateResult generate(const Json& c, const char* attention) {
  const Model model = Model::open(kGolden + c.at("model").as_string(),
                                  {.dtype = "float32", .attn_implementation = attention});
  GenerateRequest request;
  request.input_ids = rows<TokenId>(c.at("input_ids"));
  request.attention_mask = rows<std::uint8_t>(c.at("attention_mask"));
  request.keywords = GenerationConfig::from_json(c.at("generation_config"));
  request.keywords.set("return_dict_in_generate", true);
  request.keywords.set("output_hidden_states", true).set("output_attentions", true);
  return model.generate(request);
}

/// The largest distance, over what visible queries see; −1 when the shapes differ. The first `skip`
/// queries of a row are padding, whose numbers mean nothing.
double distance(const std::vector<float>& got, const Json& expected, std::size_t queries,
                std::size_t blocks, std::size_t skip) {
  const auto& numbers = expected.as_array();
  if (got.size() != numbers.size()) return -1;
  const std::size_t width = got.size() / queries / blocks;
  double largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (i / width % queries < skip) continue;
    largest = std::max(largest, std::abs(static_cast<double>(got[i]) - numbers[i].as_number()));
  }
  return largest;
}

void compare(const GenerateResult::States& got, const Json& steps, std::size_t blocks,
             std::size_t beams) {
  ASSERT_EQ(got.size(), steps.size());
  for (std::size_t step = 0; step < got.size(); ++step) {
    const Json& layers = steps.as_array()[step];
    ASSERT_EQ(got[step].size(), layers.size());
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      const Json& expected = layers.as_array()[layer];
      ASSERT_EQ(got[step][layer].size(), expected.size());
      for (std::size_t row = 0; row < expected.size(); ++row) {
        const bool padded = step == 0 && row < beams;  // the first prompt begins with two pads
        const double d = distance(got[step][layer][row], expected.as_array()[row],
                                  step == 0 ? 4 : 1, blocks, padded ? 2 : 0);
        EXPECT_GE(d, 0) << "step " << step << " layer " << layer << " row " << row;
        EXPECT_LE(d, 2e-3) << "step " << step << " layer " << layer << " row " << row;
      }
    }
  }
}

TEST(GenerateStates, AreTheReferences) {
  std::ifstream file(kGolden + "strategies/states.jsonl");
  int cases = 0;
  for (std::string line; std::getline(file, line); ++cases) {
    const Json c = Json::parse(line);
    SCOPED_TRACE(c.at("model").as_string());
    const auto beams =
        static_cast<std::size_t>(c.at("generation_config").at("num_beams").as_integer());
    const GenerateResult got = generate(c, "eager");
    EXPECT_EQ(got.sequences, rows<TokenId>(c.at("sequences")));
    compare(got.hidden_states, c.at("hidden_states"), 1, beams);
    const auto heads = static_cast<std::size_t>(c.at("heads").as_integer());
    compare(got.attentions, c.at("attentions"), heads, beams);
    EXPECT_THAT(generate(c, "sdpa").attentions, IsEmpty());
  }
  EXPECT_EQ(cases, 4);
}

TEST(StepStates, PaddingInFrontIsZero) {
  // One prompt of three slots, the first skipped; width 2; one head.
  Output out;
  out.hidden_states = {{1, 2, 3, 4}};
  out.attentions = {{{1.0f}, {0.25f, 0.75f}}};
  const StepShape shape{.skipped = 1, .first = 0, .length = 3};
  const StepStates states = step_states(out, {&shape, 1});
  EXPECT_THAT(states.hidden[0][0], ElementsAre(0, 0, 1, 2, 3, 4));
  EXPECT_THAT(states.attentions[0][0],
              ElementsAre(0, 0, 0, /*slot 1*/ 0, 1, 0, /*slot 2*/ 0, 0.25f, 0.75f));
}

}  // namespace
}  // namespace typecase
