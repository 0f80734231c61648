#include "checkpoint/gguf_names.h"

namespace typecase {
namespace {

constexpr GgufName kLlama[] = {
    {"token_embd", "model.embed_tokens"},
    {"output_norm", "model.norm"},
    {"output", "lm_head"},
    {"blk.{}.attn_norm", "model.layers.{}.input_layernorm"},
    {"blk.{}.attn_q", "model.layers.{}.self_attn.q_proj"},
    {"blk.{}.attn_k", "model.layers.{}.self_attn.k_proj"},
    {"blk.{}.attn_v", "model.layers.{}.self_attn.v_proj"},
    {"blk.{}.attn_output", "model.layers.{}.self_attn.o_proj"},
    {"blk.{}.ffn_norm", "model.layers.{}.post_attention_layernorm"},
    {"blk.{}.ffn_gate", "model.layers.{}.mlp.gate_proj"},
    {"blk.{}.ffn_up", "model.layers.{}.mlp.up_proj"},
    {"blk.{}.ffn_down", "model.layers.{}.mlp.down_proj"},
};

constexpr GgufName kGpt2[] = {
    {"token_embd", "transformer.wte"},
    {"position_embd", "transformer.wpe"},
    {"output_norm", "transformer.ln_f"},
    {"output", "lm_head"},
    {"blk.{}.attn_norm", "transformer.h.{}.ln_1"},
    {"blk.{}.attn_qkv", "transformer.h.{}.attn.c_attn"},
    {"blk.{}.attn_output", "transformer.h.{}.attn.c_proj"},
    {"blk.{}.ffn_norm", "transformer.h.{}.ln_2"},
    {"blk.{}.ffn_up", "transformer.h.{}.mlp.c_fc"},
    {"blk.{}.ffn_down", "transformer.h.{}.mlp.c_proj"},
};

struct Row {
  std::string_view architecture;
  std::span<const GgufName> names;
};
constexpr Row kTables[] = {
    {"llama", kLlama},
    {"gpt2", kGpt2},
};

/// "blk.12.attn_q" → {"blk.{}.attn_q", "12"}: the first part made of digits.
struct Numbered {
  std::string pattern;
  std::string_view number;
};
Numbered numbered(std::string_view name) {
  for (std::size_t start = 0; start < name.size();) {
    const std::size_t end = std::min(name.find('.', start), name.size());
    const std::string_view part = name.substr(start, end - start);
    if (!part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos) {
      return {std::string(name.substr(0, start)) + "{}" + std::string(name.substr(end)), part};
    }
    start = end + 1;
  }
  return {std::string(name), {}};
}

}  // namespace

std::span<const GgufName> gguf_names(std::string_view architecture) noexcept {
  for (const Row& row : kTables) {
    if (row.architecture == architecture) return row.names;
  }
  return {};
}

std::optional<std::string> hugging_face_name(std::span<const GgufName> table,
                                             std::string_view gguf_name) {
  std::size_t dot = gguf_name.rfind('.');
  if (dot == std::string_view::npos) dot = gguf_name.size();
  const auto [pattern, number] = numbered(gguf_name.substr(0, dot));
  for (const GgufName& row : table) {
    if (row.gguf != pattern) continue;
    std::string out(row.hugging_face);
    if (const auto hole = out.find("{}"); hole != std::string::npos) out.replace(hole, 2, number);
    return out.append(gguf_name.substr(dot));
  }
  return std::nullopt;
}

}  // namespace typecase
