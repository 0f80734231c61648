#include "checkpoint/config.h"
#include "checkpoint/folder.h"

#include <typecase/error.h>

#include <algorithm>
#include <filesystem>
#include <vector>

namespace typecase {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kConvert =
    "convert it with transformers: AutoModelForCausalLM.from_pretrained(folder)"
    ".save_pretrained(new_folder, safe_serialization=True)";

/// A file that tells a format nothing here reads.
struct Foreign {
  std::string_view begins, ends;
  std::string_view format;
  std::string_view remedy;
};
constexpr Foreign kForeign[] = {
    {"adapter_config", ".json", "a PEFT adapter",
     "merge it into its base model with PEFT: "
     "model.merge_and_unload().save_pretrained(new_folder)"},
    {"pytorch_model", ".bin", "PyTorch pickles", kConvert},
    {"pytorch_model.bin.index", ".json", "PyTorch pickles", kConvert},
    {"consolidated.", ".pth", "Meta's original format",
     "convert it with transformers' convert_llama_weights_to_hf.py"},
    {"consolidated", ".safetensors", "Mistral's original format",
     "download the model-*.safetensors files of the same repository"},
    {"tf_model", ".h5", "TensorFlow weights", kConvert},
    {"flax_model", ".msgpack", "Flax weights", kConvert},
    {"", ".onnx", "an ONNX export", "download the safetensors files of the original repository"},
    {"", ".ckpt", "a TensorFlow or PyTorch checkpoint", kConvert},
    {"", ".pt", "PyTorch pickles", kConvert},
    {"", ".pth", "PyTorch pickles", kConvert},
    {"", ".bin", "PyTorch pickles", kConvert},
};

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    out.push_back(entry.path().filename().string());
    if (out.size() == 10'000) break;  // enough to tell what it is
  }
  if (error) throw Error(Code::io, "cannot be listed: " + error.message(), {.file = folder});
  std::ranges::sort(out);
  return out;
}

bool looks_like_hub_name(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.front() == '.' || path.front() == '~')
    return false;
  if (path.ends_with(".gguf") || path.ends_with(".safetensors")) return false;
  return std::ranges::count(path, '/') <= 1 && path.back() != '/';
}

}  // namespace

void fail_not_found(const std::string& path) {
  if (!looks_like_hub_name(path)) {
    throw Error(Code::not_found, "no such file or folder; expected a model folder or a .gguf file",
                {.file = path});
  }
  throw Error(Code::not_found,
              "no such folder; if a model of the Hugging Face hub is meant, 'typecase pull " +
                  path + "' fetches it",
              {.file = path});
}

void fail_without_weights(const std::string& folder) {
  const auto names = names_in(folder);
  const auto place = Place{.file = folder};
  if (names.empty()) {
    throw Error(Code::not_found, "the folder is empty; expected config.json and model.safetensors",
                place);
  }
  for (const Foreign& f : kForeign) {
    for (const std::string& name : names) {
      if (!name.starts_with(f.begins) || !name.ends_with(f.ends)) continue;
      throw Error(Code::unsupported,
                  "holds " + std::string(f.format) + " (" + quote(name) +
                      "), which cannot be run; " + std::string(f.remedy),
                  place);
    }
  }
  const auto named = [&](std::string_view end) {
    return std::ranges::find_if(names, [&](const auto& n) { return n.ends_with(end); });
  };
  if (const auto it = named(".gguf"); it != names.end()) {
    throw Error(Code::not_found,
                "holds GGUF files; pass the file itself, for example " + quote(*it), place);
  }
  const bool has_config = std::ranges::find(names, "config.json") != names.end();
  if (has_config && named(".safetensors") != names.end()) {
    throw Error(Code::not_found,
                "has " + quote(*named(".safetensors")) +
                    " but neither model.safetensors nor model.safetensors.index.json; was the "
                    "download complete?",
                place);
  }
  throw Error(Code::not_found,
              has_config ? "has config.json but no weights; expected model.safetensors"
                         : "has no config.json; expected a model folder or a .gguf file",
              place);
}

void refuse_quantised(const Json& config) {
  const Json* quantisation = config::find(config, "quantization_config");
  if (quantisation == nullptr) return;
  const Json* method = quantisation->find("quant_method");
  throw Error(Code::unsupported,
              "weights quantised with " +
                  (method != nullptr && method->is_string() ? quote(method->as_string())
                                                            : std::string("an unnamed method")) +
                  " cannot be run yet; use the unquantised checkpoint or a GGUF file of this model",
              {.file = {}, .offset = {}, .line = {}, .key = "'quantization_config'"});
}

void refuse_lfs_pointer(std::span<const std::byte> file) {
  constexpr std::string_view kPointer = "version https://git-lfs";
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (!text.starts_with(kPointer)) return;
  throw Error(Code::bad_file,
              "is a Git LFS pointer, not the file itself; run 'git lfs pull' in its folder, or "
              "download the file",
              {.file = {}, .offset = 0});
}

}  // namespace typecase
