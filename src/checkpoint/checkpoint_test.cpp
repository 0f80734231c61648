#include "checkpoint/checkpoint.h"

#include "base/mapped_file.h"
#include "checkpoint/test_files.h"
#include "tensor/convert.h"

#include <typecase/error.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

namespace typecase {
namespace {

using test::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string tensor_entry(const std::string& name, const std::string& dtype,
                         const std::string& shape, int begin, int end) {
  return "\"" + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape +
         R"(,"data_offsets":[)" + std::to_string(begin) + "," + std::to_string(end) + "]}";
}

/// One float32 tensor of these values.
std::string one_tensor(const std::string& name, const std::vector<float>& values) {
  const int bytes = static_cast<int>(4 * values.size());
  std::string out = test::safetensors(
      "{" + tensor_entry(name, "F32", "[" + std::to_string(values.size()) + "]", 0, bytes) + "}");
  for (const float v : values) out += test::f32(v);
  return out;
}

std::string error_of(const auto& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(Checkpoint, FolderWithOneFile) {
  const TemporaryFolder folder;
  folder.write("config.json", R"({"model_type": "llama"})");
  folder.write("model.safetensors", one_tensor("w", {1, 2, 3}));
  const auto checkpoint = Checkpoint::open(folder.path());
  EXPECT_FALSE(checkpoint.is_gguf());
  EXPECT_EQ(checkpoint.config().at("model_type").as_string(), "llama");
  EXPECT_EQ(checkpoint.generation_config(), nullptr);
  EXPECT_EQ(checkpoint.gguf_metadata(), nullptr);
  EXPECT_EQ(checkpoint.gguf_tokenizer(), nullptr);
  EXPECT_THAT(checkpoint.files(), ElementsAre(folder / "model.safetensors"));
  EXPECT_THAT(to_float32(*checkpoint.find("w")), ElementsAre(1, 2, 3));
  EXPECT_EQ(checkpoint.find("v"), nullptr);
  EXPECT_EQ(checkpoint.first_floating_dtype(), DType::float32);
  EXPECT_THAT(checkpoint.warnings(), IsEmpty());
}

TEST(Checkpoint, GenerationConfigIsReadWhenItIsThere) {
  const TemporaryFolder folder;
  folder.write("config.json", "{}");
  folder.write("generation_config.json", R"({"top_k": 5})");
  folder.write("model.safetensors", test::safetensors("{}"));
  const auto checkpoint = Checkpoint::open(folder.path());
  ASSERT_NE(checkpoint.generation_config(), nullptr);
  EXPECT_EQ(checkpoint.generation_config()->at("top_k").as_integer(), 5);
  EXPECT_EQ(checkpoint.first_floating_dtype(), std::nullopt);
}

TEST(Checkpoint, EveryDtypeEmptyTensorsAndScalars) {
  const TemporaryFolder folder;
  folder.write("config.json", "{}");
  std::string header = "{";
  int at = 0;
  const std::pair<const char*, int> kDtypes[] = {
      {"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8}, {"I32", 4}, {"I16", 2},
      {"I8", 1},  {"U64", 8}, {"U32", 4}, {"U16", 2},  {"U8", 1},  {"BOOL", 1}};
  for (const auto& [dtype, size] : kDtypes) {
    header += tensor_entry(dtype, dtype, "[3]", at, at + 3 * size) + ",";
    at += 3 * size;
  }
  header += tensor_entry("scalar", "U8", "[]", at, at + 1) + ",";
  header += tensor_entry("empty", "F32", "[0,7]", at, at) + "}  ";
  folder.write("model.safetensors", test::safetensors(header, static_cast<std::size_t>(at) + 1));
  const auto checkpoint = Checkpoint::open(folder.path());
  for (const auto& [dtype, size] : kDtypes) {
    ASSERT_NE(checkpoint.find(dtype), nullptr) << dtype;
    EXPECT_EQ(checkpoint.find(dtype)->dtype, dtype_named(dtype));
    EXPECT_THAT(to_float32(*checkpoint.find(dtype)), ElementsAre(0, 0, 0)) << dtype;
  }
  EXPECT_EQ(checkpoint.find("scalar")->shape, Shape{});
  EXPECT_EQ(checkpoint.find("scalar")->elements(), 1);
  EXPECT_EQ(checkpoint.find("empty")->elements(), 0);
  EXPECT_FALSE(checkpoint.find("empty")->empty());
  EXPECT_EQ(checkpoint.first_floating_dtype(), DType::float64);
}

class Sharded : public ::testing::Test {
 protected:
  void write_index(const std::string& total_size) {
    folder_.write("config.json", "{}");
    folder_.write("model-1.safetensors", one_tensor("a", {1}));
    folder_.write("model-2.safetensors", one_tensor("b", {2, 3}));
    folder_.write("model.safetensors.index.json",
                  R"({"metadata":{"total_size":)" + total_size +
                      R"(},"weight_map":{"b":"model-2.safetensors","a":"model-1.safetensors"}})");
  }
  TemporaryFolder folder_;
};

TEST_F(Sharded, FilesOfTheIndexAreOneCheckpoint) {
  write_index("12");
  const auto checkpoint = Checkpoint::open(folder_.path());
  EXPECT_THAT(to_float32(*checkpoint.find("a")), ElementsAre(1));
  EXPECT_THAT(to_float32(*checkpoint.find("b")), ElementsAre(2, 3));
  EXPECT_EQ(checkpoint.files().size(), 2u);
  EXPECT_THAT(checkpoint.warnings(), IsEmpty());
}

TEST_F(Sharded, WrongTotalSizeIsOnlyAWarning) {
  write_index("13");
  const auto checkpoint = Checkpoint::open(folder_.path());
  EXPECT_THAT(checkpoint.warnings(),
              ElementsAre(folder_ / "model.safetensors.index.json" +
                          std::string(": total_size is 13, the tensors have 12 bytes")));
}

TEST_F(Sharded, TheSingleFileWinsAsInTheReference) {
  write_index("12");
  folder_.write("model.safetensors", one_tensor("c", {4}));
  const auto checkpoint = Checkpoint::open(folder_.path());
  EXPECT_EQ(checkpoint.find("a"), nullptr);
  EXPECT_NE(checkpoint.find("c"), nullptr);
}

TEST(Checkpoint, GgufAnswersInHuggingFaceWords) {
  const TemporaryFolder folder;
  auto file = test::with_tokenizer(test::llama_gguf())
                  .key("tokenizer.ggml.bos_token_id", test::of_u32(3))
                  .key("tokenizer.ggml.add_bos_token", test::of_bool(1))
                  .key("llama.rope.scaling.factor", test::of_f32(8))
                  .key("general.tags", test::of_texts({"x", "y"}))
                  .tensor({"rope_freqs.weight", {4}, 0, 16});
  const auto checkpoint = Checkpoint::open(folder.write("m.gguf", file.build()));
  EXPECT_TRUE(checkpoint.is_gguf());
  const Json& config = checkpoint.config();
  EXPECT_EQ(config.at("model_type").as_string(), "llama");
  EXPECT_EQ(config.at("architectures").dump(), R"(["LlamaForCausalLM"])");
  EXPECT_EQ(config.at("num_hidden_layers").as_integer(), 1);
  EXPECT_EQ(config.at("vocab_size").as_integer(), 4);  // from the tokens
  EXPECT_EQ(config.at("bos_token_id").as_integer(), 3);
  EXPECT_TRUE(config.at("tie_word_embeddings").as_bool());
  EXPECT_EQ(config.at("dtype").as_string(), "float32");
  EXPECT_EQ(checkpoint.generation_config(), nullptr);
  EXPECT_EQ(checkpoint.gguf_metadata()->at("general.tags").dump(), R"(["x", "y"])");
  EXPECT_EQ(checkpoint.gguf_metadata()->at("tokenizer.ggml.tokens").as_string(),
            "array of 4 string");

  const GgufTokenizer* tokenizer = checkpoint.gguf_tokenizer();
  ASSERT_NE(tokenizer, nullptr);
  EXPECT_EQ(tokenizer->model, "gpt2");
  EXPECT_EQ(tokenizer->pre, "smollm");
  EXPECT_THAT(tokenizer->tokens, ElementsAre("a", "b", "ab", "<s>"));
  EXPECT_EQ(tokenizer->bos_token_id, 3);
  EXPECT_EQ(tokenizer->eos_token_id, std::nullopt);
  EXPECT_EQ(tokenizer->add_bos_token, true);

  EXPECT_EQ(checkpoint.find("rope_freqs.weight"), nullptr);
  EXPECT_EQ(checkpoint.warnings().size(), 2u);
}

TEST(Checkpoint, GgufWithAHeadIsNotTied) {
  const TemporaryFolder folder;
  auto file = test::llama_gguf().tensor({"output.weight", {16, 4}, 0, 256});
  const auto checkpoint = Checkpoint::open(folder.write("m.gguf", file.build()));
  EXPECT_FALSE(checkpoint.config().at("tie_word_embeddings").as_bool());
  EXPECT_NE(checkpoint.find("lm_head.weight"), nullptr);
}

// 2 heads of 8: the halves of a head lie interleaved in the file.
TEST(Checkpoint, RowsOfLlamaQAndKAreUnpermuted) {
  const TemporaryFolder folder;
  const auto checkpoint = Checkpoint::open(folder.write("m.gguf", test::llama_gguf().build()));
  EXPECT_THAT(checkpoint.find("model.layers.0.self_attn.q_proj.weight")->rows,
              ElementsAre(0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15));
}

// As in the reference: without the count of key heads nothing is undone.
TEST(Checkpoint, RowsStayWhenTheFileDoesNotSayTheHeads) {
  const TemporaryFolder folder;
  auto file = test::llama_gguf();
  file.keys.pop_back();
  const auto checkpoint = Checkpoint::open(folder.write("m.gguf", file.build()));
  EXPECT_THAT(checkpoint.find("model.layers.0.self_attn.q_proj.weight")->rows, IsEmpty());
}

TEST(Checkpoint, Conv1dOfGpt2IsATransposedView) {
  const TemporaryFolder folder;
  test::GgufFile file;
  file.key("general.architecture", test::of_text("gpt2"))
      .tensor({"blk.0.attn_qkv.weight", {16, 48}, 0, 4 * 16 * 48})
      .tensor({"blk.0.attn_qkv.bias", {48}, 0, 4 * 48});
  const auto checkpoint = Checkpoint::open(folder.write("m.gguf", file.build()));
  const Tensor* weight = checkpoint.find("transformer.h.0.attn.c_attn.weight");
  ASSERT_NE(weight, nullptr);
  EXPECT_EQ(weight->shape, (Shape{16, 48}));
  EXPECT_TRUE(weight->transposed);
  EXPECT_FALSE(checkpoint.find("transformer.h.0.attn.c_attn.bias")->transposed);
}

TEST(Checkpoint, AShrunkFileIsNoticedBeforePacking) {
  const TemporaryFolder folder;
  folder.write("config.json", "{}");
  const auto path = folder.write("model.safetensors", one_tensor("w", {1, 2, 3}));
  const auto checkpoint = Checkpoint::open(folder.path());
  std::filesystem::resize_file(path, 20);
  EXPECT_THAT(error_of([&] { checkpoint.find("w")->file->check_size(); }), HasSubstr("shrank"));
}

TEST(Checkpoint, HubNamesAreToldApart) {
  EXPECT_THAT(error_of([] { Checkpoint::open("no-such-owner/no-such-model"); }),
              HasSubstr("typecase pull no-such-owner/no-such-model"));
  EXPECT_THAT(error_of([] { Checkpoint::open("./no-such-model"); }),
              HasSubstr("no such file or folder"));
  EXPECT_THAT(error_of([] { Checkpoint::open(""); }), HasSubstr("empty"));
}

TEST(Weights, NavigatesByPathAndReportsAllFailuresAtOnce) {
  const TemporaryFolder folder;
  folder.write("config.json", "{}");
  folder.write("model.safetensors", one_tensor("model.layers.3.norm.weight", {1, 2}));
  const auto checkpoint = Checkpoint::open(folder.path());
  const Weights root(checkpoint);
  const Weights layer = root / "model.layers" / 3;
  EXPECT_TRUE(layer.has("norm.weight"));
  EXPECT_TRUE((layer / "norm").has("weight"));
  EXPECT_EQ((layer / "norm").tensor("weight", {2}).elements(), 2);
  EXPECT_EQ((layer / "norm").tensor("weight", {-1}).elements(), 2);
  EXPECT_NO_THROW(root.raise());

  EXPECT_TRUE((layer / "norm").tensor("weight", {3, -1}).empty());
  for (int i = 0; i < 11; ++i) EXPECT_TRUE((layer / i).tensor("w", {1}).empty());
  EXPECT_EQ(
      error_of([&] { root.raise(); }),
      folder.path() +
          ": 12 tensors do not fit config.json: 'model.layers.3.norm.weight' is [2], expected "
          "[3, any]; 'model.layers.3.0.w' [1] is missing; 'model.layers.3.1.w' [1] is missing; "
          "'model.layers.3.2.w' [1] is missing; 'model.layers.3.3.w' [1] is missing; "
          "'model.layers.3.4.w' [1] is missing; 'model.layers.3.5.w' [1] is missing; "
          "'model.layers.3.6.w' [1] is missing; 'model.layers.3.7.w' [1] is missing; "
          "'model.layers.3.8.w' [1] is missing; and 2 more");

  const Weights other(checkpoint);
  EXPECT_TRUE(other.tensor("norm.weight", {2}).empty());
  EXPECT_EQ(error_of([&] { other.raise(); }),
            folder.path() +
                ": 1 tensor does not fit config.json: 'norm.weight' [2] is missing. The file also "
                "has 1 tensor that nothing asks for: 'model.layers.3.norm.weight'");
}

}  // namespace
}  // namespace typecase
