#include "bad_file.h"
#include "base/limits.h"
#include "checkpoint/test_files.h"

#include <sys/stat.h>

#include <filesystem>

namespace typecase::test {
namespace {

const std::string kWeights = safetensors("{}");

BadFile config(std::string name, std::string text) {
  return {std::move(name), {{"config.json", std::move(text)}, {"model.safetensors", kWeights}}};
}
BadFile generation(std::string name, std::string text) {
  return {std::move(name),
          {{"config.json", "{}"},
           {"generation_config.json", std::move(text)},
           {"model.safetensors", kWeights}}};
}
BadFile quantised(std::string name, const std::string& value) {
  return config(std::move(name), R"({"quantization_config":)" + value + "}");
}
BadFile folder(std::string name, std::vector<std::pair<std::string, std::string>> files) {
  return {std::move(name), std::move(files)};
}
/// config.json and this one file.
BadFile foreign(std::string name, std::string file) {
  return folder(std::move(name), {{"config.json", "{}"}, {std::move(file), "x"}});
}

}  // namespace

std::vector<BadFile> bad_configs() {
  return {
      config("config-empty", ""),
      config("config-spaces", "  \n "),
      config("config-null", "null"),
      config("config-array", "[{}]"),
      config("config-string", R"("llama")"),
      config("config-number", "1"),
      config("config-cut-off", R"({"hidden_size": 5)"),
      config("config-unclosed-string", R"({"hidden_size)"),
      config("config-byte-order-mark", "\xEF\xBB\xBF{}"),
      config("config-utf16", std::string("\xFF\xFE{\0}\0", 6)),
      config("config-not-utf8", "{\"a\": \"\xff\"}"),
      config("config-nan", "{\n  \"rms_norm_eps\": NaN\n}"),
      config("config-infinity", R"({"rope_theta": Infinity})"),
      config("config-minus-infinity", R"({"rope_theta": -Infinity})"),
      config("config-number-out-of-range", R"({"rope_theta": 1e999})"),
      config("config-comment", "{\n// a comment\n}"),
      config("config-trailing-comma", R"({"a": 1,})"),
      config("config-single-quotes", "{'a': 1}"),
      config("config-python", R"({"a": True})"),
      config("config-hex", R"({"a": 0x10})"),
      config("config-leading-zero", R"({"a": 01})"),
      config("config-two-documents", "{} {}"),
      config("config-nul-after", std::string("{}\0", 3)),
      config("config-key-twice", R"({"a": 1, "a": 2})"),
      config("config-key-twice-escaped", R"({"a": 1, "\u0061": 2})"),
      config("config-key-twice-nested", R"({"rope_scaling": {"type": "x", "type": "y"}})"),
      config("config-lone-surrogate", R"({"a": "\ud800"})"),
      config("config-deep", R"({"a":)" + std::string(64, '[') + std::string(64, ']') + "}"),
      config("config-very-deep", std::string(1'000'000, '[')),
      config("config-too-large", "{\"a\":\"" + std::string(limits::kConfigFile, 'x') + "\"}"),
      config("config-is-html", "<html>"),
      quantised("config-gptq", R"({"quant_method": "gptq", "bits": 4})"),
      quantised("config-awq", R"({"quant_method": "awq"})"),
      quantised("config-bitsandbytes", R"({"quant_method": "bitsandbytes", "load_in_4bit": true})"),
      quantised("config-fp8", R"({"quant_method": "fp8"})"),
      quantised("config-quantised-unnamed", "{}"),
      quantised("config-quantised-number", R"({"quant_method": 4})"),
      quantised("config-quantised-hostile", R"({"quant_method": "\u001b[31m'"})"),
      generation("generation-empty", ""),
      generation("generation-array", "[]"),
      generation("generation-cut-off", R"({"eos_token_id": [1, )"),
      generation("generation-nan", R"({"temperature": NaN})"),
      generation("generation-key-twice", R"({"top_k": 1, "top_k": 2})"),
      generation("generation-byte-order-mark", "\xEF\xBB\xBF{}"),
      generation("generation-too-large", std::string(limits::kConfigFile + 1, ' ')),
  };
}

std::vector<BadFile> bad_folders() {
  namespace fs = std::filesystem;
  return {
      folder("folder-empty", {}),
      folder("folder-no-config", {{"model.safetensors", kWeights}}),
      folder("folder-no-weights", {{"config.json", "{}"}}),
      folder("folder-only-text", {{"README.md", "hello"}}),
      folder("folder-only-gguf", {{"m.gguf", "GGUF"}}),
      foreign("folder-pickle", "pytorch_model.bin"),
      foreign("folder-pickle-sharded", "pytorch_model-00001-of-00002.bin"),
      foreign("folder-pickle-index", "pytorch_model.bin.index.json"),
      foreign("folder-meta", "consolidated.00.pth"),
      foreign("folder-mistral", "consolidated.safetensors"),
      foreign("folder-tensorflow", "tf_model.h5"),
      foreign("folder-tensorflow-checkpoint", "model.ckpt"),
      foreign("folder-flax", "flax_model.msgpack"),
      foreign("folder-onnx", "model.onnx"),
      folder("folder-adapter",
             {{"adapter_config.json", "{}"}, {"adapter_model.safetensors", kWeights}}),
      {"folder-config-is-folder",
       {{"model.safetensors", kWeights}},
       "",
       [](const std::string& at) { fs::create_directory(at + "/config.json"); }},
      {"folder-weights-are-folder",
       {{"config.json", "{}"}},
       "",
       [](const std::string& at) { fs::create_directory(at + "/model.safetensors"); }},
      {"folder-weights-are-pipe",
       {{"config.json", "{}"}},
       "",
       [](const std::string& at) { ::mkfifo((at + "/model.safetensors").c_str(), 0600); }},
      {"folder-weights-are-loop",
       {{"config.json", "{}"}},
       "",
       [](const std::string& at) {
         fs::create_symlink("model.safetensors", at + "/model.safetensors");
       }},
      {"folder-weights-are-device",
       {{"config.json", "{}"}},
       "",
       [](const std::string& at) { fs::create_symlink("/dev/zero", at + "/model.safetensors"); }},
      {"path-missing", {}, "nothing.gguf"},
      {"path-is-config", {{"config.json", "{}"}}, "config.json"},
      {"path-is-safetensors", {{"model.safetensors", kWeights}}, "model.safetensors"},
      {"path-is-pickle", {{"pytorch_model.bin", "PK\3\4"}}, "pytorch_model.bin"},
      {"path-below-a-file", {{"m.gguf", "GGUF"}}, "m.gguf/x"},
  };
}

}  // namespace typecase::test
