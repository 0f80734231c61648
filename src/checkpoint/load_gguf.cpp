#include "checkpoint/config.h"
#include "checkpoint/folder.h"
#include "checkpoint/gguf.h"
#include "checkpoint/gguf_config.h"
#include "checkpoint/gguf_names.h"
#include "tensor/convert.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase {
namespace {

/// The converter stores the rows of each head of Llama's q and k in the order 0, d/2, 1, d/2 + 1, …
/// so that rotary pairs are neighbours; Hugging Face's order has the halves one after the other:
///     row  h·d + j·d/2 + i   is stored as row   h·d + 2·i + j          (j = 0, 1;  i < d/2)
std::vector<std::int32_t> llama_rows(std::int64_t rows, std::int64_t heads) {
  const std::int64_t half = rows / heads / 2;
  std::vector<std::int32_t> out;
  out.reserve(static_cast<std::size_t>(rows));
  for (std::int64_t h = 0; h < heads; ++h) {
    for (std::int64_t j = 0; j < 2; ++j) {
      for (std::int64_t i = 0; i < half; ++i) {
        out.push_back(static_cast<std::int32_t>(2 * half * h + 2 * i + j));
      }
    }
  }
  return out;
}

void permute_llama(const Json& config, std::string_view gguf_name, Tensor& t) {
  const bool q = gguf_name.find(".attn_q.") != std::string_view::npos;
  const bool k = gguf_name.find(".attn_k.") != std::string_view::npos;
  if (!q && !k) return;
  // The reference leaves the rows alone when either count is missing.
  const auto heads = config::optional_integer(config, "num_attention_heads", 1, 1 << 20);
  const auto kv_heads = config::optional_integer(config, "num_key_value_heads", 1, 1 << 20);
  if (!heads || !kv_heads) return;
  const std::int64_t n = q ? *heads : *kv_heads;
  if (t.shape[0] % (2 * n) != 0 || t.shape[0] > INT32_MAX) {
    throw Error(Code::bad_file,
                "has " + std::to_string(t.shape[0]) + " rows, which do not make " +
                    std::to_string(n) + " heads of even size",
                {.file = {}, .offset = {}, .line = {}, .key = "tensor " + quote(gguf_name)});
  }
  t.rows = llama_rows(t.shape[0], n);
}

/// GPT-2's Conv1D weights are [in, out] in Hugging Face's files.
void transpose_gpt2(std::string_view gguf_name, Tensor& t) {
  constexpr std::string_view kConv1d[] = {"attn_qkv.weight", "attn_output.weight", "ffn_up.weight",
                                          "ffn_down.weight"};
  const bool is_conv1d = std::ranges::any_of(
      kConv1d, [&](std::string_view name) { return gguf_name.ends_with(name); });
  if (!is_conv1d || t.shape.size() != 2) return;
  std::swap(t.shape[0], t.shape[1]);
  t.transposed = true;
}

/// BLOOM's q, k and v of a head stand side by side; the converter puts all q first, then k, then v:
///     row  (3·h + j)·d + i   is stored as row   (j·heads + h)·d + i    (j = 0, 1, 2;  i < d)
void gather_bloom(const Json& config, std::string_view gguf_name, Tensor& t) {
  if (gguf_name.find(".attn_qkv.") == std::string_view::npos) return;
  const auto heads = config::optional_integer(config, "n_head", 1, 1 << 20).value_or(1);
  if (t.shape[0] % (3 * heads) != 0 || t.shape[0] > INT32_MAX) {
    throw Error(Code::bad_file,
                "has " + std::to_string(t.shape[0]) + " rows, which are not three for each of " +
                    std::to_string(heads) + " heads",
                {.file = {}, .offset = {}, .line = {}, .key = "tensor " + quote(gguf_name)});
  }
  const std::int64_t d = t.shape[0] / 3 / heads;
  t.rows.reserve(static_cast<std::size_t>(t.shape[0]));
  for (std::int64_t h = 0; h < heads; ++h) {
    for (std::int64_t j = 0; j < 3; ++j) {
      for (std::int64_t i = 0; i < d; ++i) {
        t.rows.push_back(static_cast<std::int32_t>((j * heads + h) * d + i));
      }
    }
  }
}

/// Gemma's norms multiply by 1 + w; the converter stores 1 + w.
void lessen_gemma(Checkpoint::Parts& parts, std::string_view gguf_name, Tensor& t) {
  if (!gguf_name.ends_with("norm.weight")) return;
  std::vector<float> values = to_float32(t);
  for (float& v : values) v -= 1;
  parts.converted.emplace_back(t.name, t.shape, values);
  t = parts.converted.back().tensor();
}

constexpr std::int64_t kMostExperts = 4096;

/// All experts of a layer in one tensor [experts, out, in]: a tensor for each, the # of its name
/// replaced by its number.
void add_experts(Checkpoint::Parts& parts, std::string_view gguf_name, const Tensor& all) {
  const auto fail = [&](Code code, const std::string& message) {
    throw Error(code, message,
                {.file = {}, .offset = {}, .line = {}, .key = "tensor " + quote(gguf_name)});
  };
  if (all.shape.size() != 3 || all.shape[0] < 1) {
    fail(Code::bad_file, "has shape " + to_string(all.shape) + ", expected [experts, out, in]");
  }
  if (all.shape[0] > kMostExperts) {
    fail(Code::limit, "holds " + std::to_string(all.shape[0]) + " experts, over the limit of " +
                          std::to_string(kMostExperts));
  }
  const auto count = static_cast<std::size_t>(all.shape[0]);
  const std::size_t size = all.bytes.size() / count, mark = all.name.find('#');
  for (std::size_t e = 0; e < count; ++e) {
    Tensor one = all;
    one.name.replace(mark, 1, std::to_string(e));
    one.shape = {all.shape[1], all.shape[2]};
    one.bytes = all.bytes.subspan(e * size, size);
    parts.tensors.push_back(std::move(one));
  }
}

void refuse_split(const Gguf& file) {
  const auto count = file.integer("split.count");
  if (!count || *count <= 1) return;
  throw Error(Code::unsupported,
              "this is one of " + std::to_string(*count) +
                  " parts; merge them with llama-gguf-split --merge and pass the result",
              {.file = {}, .offset = {}, .line = {}, .key = "'split.count'"});
}

void refuse_other_formats(const std::string& path) {
  if (!path.ends_with(".safetensors") && !path.ends_with(".json")) return;
  throw Error(Code::invalid_argument,
              "is one file of a model folder; pass the folder that holds it", {.file = path});
}

void add_tensors(Checkpoint::Parts& parts, const Gguf& gguf, const MappedFile& file) {
  const std::string architecture = gguf.string("general.architecture").value_or("");
  const bool gated = std::ranges::any_of(gguf.tensors(), [](const GgufTensorInfo& info) {
    return info.name.find(".ffn_gate.") != std::string::npos;
  });
  const auto names = gguf_names(architecture == "t5" && gated ? kGatedT5 : architecture);
  parts.tensors.reserve(gguf.tensors().size());
  for (const GgufTensorInfo& info : gguf.tensors()) {
    auto name = hugging_face_name(names, info.name);
    if (!name) {
      parts.warnings.push_back(parts.path + ": tensor " + quote(info.name) +
                               " is ignored, as the reference does");
      continue;
    }
    Tensor t{.name = std::move(*name),
             .dtype = info.dtype,
             .shape = info.shape,
             .bytes = file.bytes().subspan(info.begin, info.end - info.begin),
             .file = &file};
    if (architecture == "llama") permute_llama(parts.config, info.name, t);
    if (architecture == "gpt2") transpose_gpt2(info.name, t);
    if (architecture == "bloom") gather_bloom(parts.config, info.name, t);
    if (architecture == "gemma2" || architecture == "gemma3") lessen_gemma(parts, info.name, t);
    // The converter drops the only row's extent.
    if (info.name.ends_with("ffn_gate_inp_shexp.weight") && t.shape.size() == 1) {
      t.shape.insert(t.shape.begin(), 1);
    }
    if (t.name.find('#') != std::string::npos) {
      add_experts(parts, info.name, t);
      continue;
    }
    parts.tensors.push_back(std::move(t));
  }
}

}  // namespace

void load_gguf(Checkpoint::Parts& parts) {
  refuse_other_formats(parts.path);
  const MappedFile& file = parts.map(parts.path);
  try {
    refuse_lfs_pointer(file.bytes());
    const Gguf gguf = Gguf::parse(file.bytes());
    refuse_split(gguf);
    parts.config = config_from_gguf(gguf, parts.warnings);
    parts.gguf_metadata = metadata_of(gguf);
    if (gguf.find("tokenizer.ggml.model") != nullptr ||
        gguf.find("tokenizer.ggml.tokens") != nullptr) {
      parts.gguf_tokenizer = tokenizer_from_gguf(gguf);
    }
    add_tensors(parts, gguf, file);
  } catch (const Error& e) {
    throw e.at({.file = parts.path});
  }
}

}  // namespace typecase
