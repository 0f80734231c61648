#include "checkpoint/gguf_config.h"

#include <typecase/error.h>

#include <cmath>
#include <span>
#include <utility>

namespace typecase {
namespace {

/// "<architecture>.<gguf>" of the metadata becomes `config` of config.json.
struct Key {
  std::string_view gguf;
  std::string_view config;
};

constexpr Key kLlama[] = {
    {"context_length", "max_position_embeddings"},
    {"block_count", "num_hidden_layers"},
    {"feed_forward_length", "intermediate_size"},
    {"embedding_length", "hidden_size"},
    {"rope.dimension_count", "head_dim"},
    {"rope.freq_base", "rope_theta"},
    {"attention.head_count", "num_attention_heads"},
    {"attention.head_count_kv", "num_key_value_heads"},
    {"attention.layer_norm_rms_epsilon", "rms_norm_eps"},
    {"vocab_size", "vocab_size"},
};

// The reference leaves n_positions at its default of 1024 and fails for any other number; ours may
// as well have the right one.
constexpr Key kGpt2[] = {
    {"block_count", "n_layer"},         {"context_length", "n_ctx"},
    {"context_length", "n_positions"},  {"embedding_length", "n_embd"},
    {"attention.head_count", "n_head"}, {"attention.layer_norm_epsilon", "layer_norm_epsilon"},
};

// Qwen 3's head_dim is not among its keys: the reference takes 128.
constexpr Key kRotaryRms[] = {
    {"context_length", "max_position_embeddings"},
    {"block_count", "num_hidden_layers"},
    {"feed_forward_length", "intermediate_size"},
    {"embedding_length", "hidden_size"},
    {"rope.freq_base", "rope_theta"},
    {"attention.head_count", "num_attention_heads"},
    {"attention.head_count_kv", "num_key_value_heads"},
    {"attention.layer_norm_rms_epsilon", "rms_norm_eps"},
    {"vocab_size", "vocab_size"},
};

constexpr Key kExperts[] = {
    {"expert_count", "num_experts"},
    {"expert_used_count", "num_experts_per_tok"},
};

constexpr Key kQwen3Experts[] = {
    {"attention.key_length", "head_dim"},
    {"expert_count", "num_experts"},
    {"expert_used_count", "num_experts_per_tok"},
};

constexpr Key kGemma[] = {
    {"attention.key_length", "head_dim"},
    {"attention.sliding_window", "sliding_window"},
};

constexpr Key kStablelm[] = {
    {"context_length", "max_position_embeddings"},
    {"block_count", "num_hidden_layers"},
    {"feed_forward_length", "intermediate_size"},
    {"embedding_length", "hidden_size"},
    {"attention.head_count", "num_attention_heads"},
    {"attention.head_count_kv", "num_key_value_heads"},
    {"attention.layer_norm_epsilon", "layer_norm_eps"},
    {"vocab_size", "vocab_size"},
};

constexpr Key kStarcoder2[] = {
    {"context_length", "max_position_embeddings"},
    {"block_count", "num_hidden_layers"},
    {"feed_forward_length", "intermediate_size"},
    {"embedding_length", "hidden_size"},
    {"attention.head_count", "num_attention_heads"},
    {"attention.head_count_kv", "num_key_value_heads"},
    {"attention.layer_norm_epsilon", "norm_epsilon"},
};

constexpr Key kBloom[] = {
    {"block_count", "n_layer"},         {"embedding_length", "hidden_size"},
    {"attention.head_count", "n_head"}, {"attention.layer_norm_epsilon", "layer_norm_epsilon"},
    {"vocab_size", "vocab_size"},
};

constexpr Key kT5[] = {
    {"context_length", "n_positions"},
    {"block_count", "num_layers"},
    {"feed_forward_length", "d_ff"},
    {"embedding_length", "d_model"},
    {"attention.key_length", "d_kv"},
    {"attention.head_count", "num_heads"},
    {"attention.layer_norm_epsilon", "layer_norm_epsilon"},
    {"attention.relative_buckets_count", "relative_attention_num_buckets"},
    {"decoder_start_token_id", "decoder_start_token_id"},
    {"vocab_size", "vocab_size"},
};

// Of every architecture.
constexpr Key kTokenizer[] = {
    {"ggml.bos_token_id", "bos_token_id"},
    {"ggml.eos_token_id", "eos_token_id"},
    {"ggml.unknown_token_id", "unk_token_id"},
    {"ggml.padding_token_id", "pad_token_id"},
};

struct Architecture {
  std::string_view gguf;          ///< general.architecture
  std::string_view model_type;    ///< of config.json
  std::string_view architecture;  ///< the class of AutoModelForCausalLM
  std::span<const Key> keys;
  std::span<const Key> more{};
};
// What a file cannot say keeps the default of the configuration class, as in the reference.
constexpr Architecture kArchitectures[] = {
    {"llama", "llama", "LlamaForCausalLM", kLlama},
    {"gpt2", "gpt2", "GPT2LMHeadModel", kGpt2},
    {"qwen2", "qwen2", "Qwen2ForCausalLM", kRotaryRms},
    {"qwen2moe", "qwen2_moe", "Qwen2MoeForCausalLM", kRotaryRms, kExperts},
    {"qwen3", "qwen3", "Qwen3ForCausalLM", kRotaryRms},
    {"qwen3moe", "qwen3_moe", "Qwen3MoeForCausalLM", kRotaryRms, kQwen3Experts},
    {"phi3", "phi3", "Phi3ForCausalLM", kRotaryRms},
    {"gemma2", "gemma2", "Gemma2ForCausalLM", kRotaryRms, kGemma},
    {"gemma3", "gemma3_text", "Gemma3ForCausalLM", kRotaryRms, kGemma},
    {"stablelm", "stablelm", "StableLmForCausalLM", kStablelm},
    {"starcoder2", "starcoder2", "Starcoder2ForCausalLM", kStarcoder2},
    {"falcon", "falcon", "FalconForCausalLM", kRotaryRms},
    {"bloom", "bloom", "BloomForCausalLM", kBloom},
    {"t5", "t5", "T5ForConditionalGeneration", kT5},
};

const Architecture& architecture_of(const Gguf& file) {
  const auto found = file.string("general.architecture");
  if (!found) {
    throw Error(Code::bad_file, "the metadata key 'general.architecture' is missing");
  }
  std::string known;
  for (const Architecture& a : kArchitectures) {
    if (a.gguf == *found) return a;
    known += (known.empty() ? "" : ", ") + std::string(a.gguf);
  }
  throw Error(Code::unsupported,
              "the architecture " + quote(*found) + " cannot be run yet; expected one of " + known,
              {.file = {}, .offset = {}, .line = {}, .key = "'general.architecture'"});
}

[[noreturn]] void fail(const std::string& key, const GgufValue& value, std::string message,
                       Code code = Code::bad_file) {
  throw Error(code, std::move(message),
              {.file = {}, .offset = value.offset, .line = {}, .key = quote(key)});
}

/// The one number of a key. As the reference does: an array of one is its element.
Json number_of(const std::string& key, const GgufValue& value) {
  if (value.type == GgufType::array && value.count != 1) {
    fail(key, value,
         "an array of " + std::to_string(value.count) + " " + std::string(name(value.element)) +
             " (one a layer?) cannot be run yet; expected one number",
         Code::unsupported);
  }
  if (value.element == GgufType::string || value.element == GgufType::boolean) {
    fail(key, value, "has type " + std::string(name(value.element)) + ", expected a number");
  }
  if (value.element == GgufType::float32 || value.element == GgufType::float64) {
    const double number = number_at(value, 0);
    if (!std::isfinite(number)) fail(key, value, "is not a finite number");
    return Json(number);
  }
  const std::int64_t integer = integer_at(value, 0);
  if (value.element == GgufType::uint64 && integer < 0) fail(key, value, "does not fit 63 bits");
  return Json(integer);
}

void copy_keys(const Gguf& file, const std::string& prefix, std::span<const Key> keys,
               Json& config) {
  for (const Key& k : keys) {
    const std::string key = prefix + std::string(k.gguf);
    if (const GgufValue* value = file.find(key)) config.set(k.config, number_of(key, *value));
  }
}

bool has_tensor(const Gguf& file, std::string_view tensor_name) {
  for (const GgufTensorInfo& t : file.tensors()) {
    if (t.name == tensor_name) return true;
  }
  return false;
}

bool has_part(const Gguf& file, std::string_view part) {
  for (const GgufTensorInfo& t : file.tensors()) {
    if (t.name.find(part) != std::string::npos) return true;
  }
  return false;
}

/// umT5 shares T5's architecture and is known by its name, as in the reference. Which of T5's two
/// kinds of MLP a file holds is said by its tensors alone; the gated kind is T5 1.1's.
void add_t5(const Gguf& file, Json& config) {
  config.set("is_encoder_decoder", Json(true));
  std::string name = file.string("general.name").value_or("");
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (name.find("umt5") != std::string::npos) {
    config.set("architectures", Json::Array{Json("UMT5ForConditionalGeneration")});
    config.set("model_type", Json("umt5"));
    return;
  }
  config.set("feed_forward_proj", Json(has_part(file, ".ffn_gate.") ? "gated-gelu" : "relu"));
}

/// What the reference reads off the tensors, or knows of an architecture.
void add_known(const Gguf& file, std::string_view architecture, Json& config) {
  const bool always_tied = architecture == "falcon" || architecture == "bloom";
  config.set("tie_word_embeddings", Json(always_tied || !has_tensor(file, "output.weight")));
  if (architecture == "qwen3moe") config.set("norm_topk_prob", Json(true));
  if (architecture == "t5") add_t5(file, config);
  if (architecture != "stablelm") return;
  const bool bias = has_part(file, "attn_q.bias") || has_part(file, "attn_k.bias") ||
                    has_part(file, "attn_v.bias");
  config.set("use_qkv_bias", Json(bias));
  config.set("use_parallel_residual", Json(!has_part(file, "ffn_norm")));
}

}  // namespace

Json config_from_gguf(const Gguf& file, std::vector<std::string>& warnings) {
  const Architecture& a = architecture_of(file);
  Json config = Json::object();
  config.set("architectures", Json::Array{Json(a.architecture)});
  config.set("model_type", Json(a.model_type));
  if (const auto model_name = file.string("general.name")) {
    config.set("_model_name_or_path", Json(*model_name));
  }
  const std::string prefix = std::string(a.gguf) + ".";
  copy_keys(file, prefix, a.keys, config);
  copy_keys(file, prefix, a.more, config);
  copy_keys(file, "tokenizer.", kTokenizer, config);
  add_known(file, a.gguf, config);
  if (!config.has("vocab_size")) {
    if (const GgufValue* tokens = file.find("tokenizer.ggml.tokens")) {
      config.set("vocab_size", Json(static_cast<std::int64_t>(tokens->count)));
    }
  }
  config.set("dtype", Json("float32"));
  for (const auto& [key, value] : file.metadata()) {
    if (key.starts_with(prefix + "rope.scaling.")) {
      warnings.push_back("the metadata key " + quote(key) + " is ignored, as the reference does");
    }
  }
  return config;
}

}  // namespace typecase
