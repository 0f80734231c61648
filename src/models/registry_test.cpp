#include "models/registry.h"

#include "checkpoint/test_files.h"

#include <typecase/error.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace typecase {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// What make_plan() says of a folder with this config.json and one tensor.
std::string refusal(const std::string& config) {
  const test::TemporaryFolder folder;
  folder.write("config.json", config);
  folder.write("model.safetensors", test::safetensors(R"({"model.wte.weight": {"dtype": "F32",
               "shape": [1, 2], "data_offsets": [0, 8]}})",
                                                      8));
  const auto checkpoint = Checkpoint::open(folder.path());
  try {
    make_plan(checkpoint);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Registry, AnUnknownArchitectureIsToldWhatThereIsAndWhatIsNearest) {
  EXPECT_THAT(refusal(R"({"architectures": ["Qwen2ForCausallLM"]})"),
              AllOf(HasSubstr("'Qwen2ForCausallLM' is not supported"),
                    HasSubstr("the nearest is 'Qwen2ForCausalLM'"), HasSubstr("GPT2LMHeadModel")));
  EXPECT_THAT(refusal(R"({"model_type": "lama"})"), HasSubstr("the nearest is 'llama'"));
}

TEST(Registry, CustomCodeIsNeverExecutedAndTheErrorSaysSo) {
  EXPECT_THAT(refusal(R"({"architectures": ["MyModel"],
                          "auto_map": {"AutoModelForCausalLM": "code.MyModel"}})"),
              HasSubstr("(auto_map), which is never executed"));
}

TEST(Registry, MissingAndUnaskedTensorsAreReportedTogether) {
  EXPECT_THAT(refusal(R"({"model_type": "gpt2", "n_embd": 2, "n_head": 1, "n_layer": 1,
                          "vocab_size": 3})"),
              AllOf(HasSubstr("'transformer.wte.weight' [3, 2] is missing"),
                    HasSubstr("'transformer.wpe.weight' [1024, 2] is missing"),
                    HasSubstr("1 tensor that nothing asks for: 'model.wte.weight'")));
}

TEST(Registry, EveryFamilyHasItsOwnNameAndOneLine) {
  for (const Family& f : families()) {
    EXPECT_FALSE(f.description.empty()) << f.architecture;
    for (const Family& other : families()) {
      if (&f == &other) continue;
      EXPECT_NE(f.architecture, other.architecture);
    }
  }
}

}  // namespace
}  // namespace typecase
