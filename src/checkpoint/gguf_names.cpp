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

// Beside or before Llama's names, of which the first that fits counts.
constexpr GgufName kQwen[] = {
    // Qwen 3's norms of heads are missing in Qwen 2's files.
    {"blk.{}.attn_q_norm", "model.layers.{}.self_attn.q_norm"},
    {"blk.{}.attn_k_norm", "model.layers.{}.self_attn.k_norm"},
    {"blk.{}.ffn_gate_inp", "model.layers.{}.mlp.gate"},
    {"blk.{}.ffn_gate_exps", "model.layers.{}.mlp.experts.#.gate_proj"},
    {"blk.{}.ffn_up_exps", "model.layers.{}.mlp.experts.#.up_proj"},
    {"blk.{}.ffn_down_exps", "model.layers.{}.mlp.experts.#.down_proj"},
    {"blk.{}.ffn_gate_inp_shexp", "model.layers.{}.mlp.shared_expert_gate"},
    {"blk.{}.ffn_gate_shexp", "model.layers.{}.mlp.shared_expert.gate_proj"},
    {"blk.{}.ffn_up_shexp", "model.layers.{}.mlp.shared_expert.up_proj"},
    {"blk.{}.ffn_down_shexp", "model.layers.{}.mlp.shared_expert.down_proj"},
};

constexpr GgufName kPhi3[] = {
    {"blk.{}.attn_qkv", "model.layers.{}.self_attn.qkv_proj"},
    {"blk.{}.ffn_up", "model.layers.{}.mlp.gate_up_proj"},
};

constexpr GgufName kGemma[] = {
    {"blk.{}.attn_q_norm", "model.layers.{}.self_attn.q_norm"},
    {"blk.{}.attn_k_norm", "model.layers.{}.self_attn.k_norm"},
    {"blk.{}.post_attention_norm", "model.layers.{}.post_attention_layernorm"},
    {"blk.{}.ffn_norm", "model.layers.{}.pre_feedforward_layernorm"},
    {"blk.{}.post_ffw_norm", "model.layers.{}.post_feedforward_layernorm"},
};

constexpr GgufName kStarcoder2[] = {
    {"blk.{}.ffn_up", "model.layers.{}.mlp.c_fc"},
    {"blk.{}.ffn_down", "model.layers.{}.mlp.c_proj"},
};

constexpr GgufName kFalcon[] = {
    {"token_embd", "transformer.word_embeddings"},
    {"output_norm", "transformer.ln_f"},
    {"output", "lm_head"},
    {"blk.{}.attn_norm", "transformer.h.{}.input_layernorm"},
    {"blk.{}.attn_qkv", "transformer.h.{}.self_attention.query_key_value"},
    {"blk.{}.attn_output", "transformer.h.{}.self_attention.dense"},
    {"blk.{}.ffn_up", "transformer.h.{}.mlp.dense_h_to_4h"},
    {"blk.{}.ffn_down", "transformer.h.{}.mlp.dense_4h_to_h"},
};

constexpr GgufName kBloom[] = {
    {"token_embd_norm", "transformer.word_embeddings_layernorm"},
    {"blk.{}.ffn_norm", "transformer.h.{}.post_attention_layernorm"},
};

constexpr GgufName kT5[] = {
    {"token_embd", "shared"},
    {"output", "lm_head"},
    {"enc.blk.{}.attn_norm", "encoder.block.{}.layer.0.layer_norm"},
    {"enc.blk.{}.attn_q", "encoder.block.{}.layer.0.SelfAttention.q"},
    {"enc.blk.{}.attn_k", "encoder.block.{}.layer.0.SelfAttention.k"},
    {"enc.blk.{}.attn_v", "encoder.block.{}.layer.0.SelfAttention.v"},
    {"enc.blk.{}.attn_o", "encoder.block.{}.layer.0.SelfAttention.o"},
    {"enc.blk.{}.attn_rel_b", "encoder.block.{}.layer.0.SelfAttention.relative_attention_bias"},
    {"enc.blk.{}.ffn_norm", "encoder.block.{}.layer.1.layer_norm"},
    {"enc.blk.{}.ffn_down", "encoder.block.{}.layer.1.DenseReluDense.wo"},
    {"enc.output_norm", "encoder.final_layer_norm"},
    {"dec.blk.{}.attn_norm", "decoder.block.{}.layer.0.layer_norm"},
    {"dec.blk.{}.attn_q", "decoder.block.{}.layer.0.SelfAttention.q"},
    {"dec.blk.{}.attn_k", "decoder.block.{}.layer.0.SelfAttention.k"},
    {"dec.blk.{}.attn_v", "decoder.block.{}.layer.0.SelfAttention.v"},
    {"dec.blk.{}.attn_o", "decoder.block.{}.layer.0.SelfAttention.o"},
    {"dec.blk.{}.attn_rel_b", "decoder.block.{}.layer.0.SelfAttention.relative_attention_bias"},
    {"dec.blk.{}.cross_attn_norm", "decoder.block.{}.layer.1.layer_norm"},
    {"dec.blk.{}.cross_attn_q", "decoder.block.{}.layer.1.EncDecAttention.q"},
    {"dec.blk.{}.cross_attn_k", "decoder.block.{}.layer.1.EncDecAttention.k"},
    {"dec.blk.{}.cross_attn_v", "decoder.block.{}.layer.1.EncDecAttention.v"},
    {"dec.blk.{}.cross_attn_o", "decoder.block.{}.layer.1.EncDecAttention.o"},
    {"dec.blk.{}.ffn_norm", "decoder.block.{}.layer.2.layer_norm"},
    {"dec.blk.{}.ffn_down", "decoder.block.{}.layer.2.DenseReluDense.wo"},
    {"dec.output_norm", "decoder.final_layer_norm"},
};

constexpr GgufName kT5Plain[] = {
    {"enc.blk.{}.ffn_up", "encoder.block.{}.layer.1.DenseReluDense.wi"},
    {"dec.blk.{}.ffn_up", "decoder.block.{}.layer.2.DenseReluDense.wi"},
};

constexpr GgufName kT5Gated[] = {
    {"enc.blk.{}.ffn_gate", "encoder.block.{}.layer.1.DenseReluDense.wi_0"},
    {"enc.blk.{}.ffn_up", "encoder.block.{}.layer.1.DenseReluDense.wi_1"},
    {"dec.blk.{}.ffn_gate", "decoder.block.{}.layer.2.DenseReluDense.wi_0"},
    {"dec.blk.{}.ffn_up", "decoder.block.{}.layer.2.DenseReluDense.wi_1"},
};

struct Row {
  std::string_view architecture;
  std::span<const GgufName> own;
  std::span<const GgufName> shared{};
};
constexpr Row kTables[] = {
    {"llama", kLlama},
    {"gpt2", kGpt2},
    {"qwen2", kLlama},
    {"qwen2moe", kQwen, kLlama},
    {"qwen3", kQwen, kLlama},
    {"qwen3moe", kQwen, kLlama},
    {"phi3", kPhi3, kLlama},
    {"gemma2", kGemma, kLlama},
    {"gemma3", kGemma, kLlama},
    {"stablelm", kLlama},
    {"starcoder2", kStarcoder2, kLlama},
    {"falcon", kFalcon},
    {"bloom", kBloom, kFalcon},
    {"t5", kT5Plain, kT5},
    {kGatedT5, kT5Gated, kT5},
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

GgufNames gguf_names(std::string_view architecture) {
  for (const Row& row : kTables) {
    if (row.architecture != architecture) continue;
    GgufNames out(row.own.begin(), row.own.end());
    out.insert(out.end(), row.shared.begin(), row.shared.end());
    return out;
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
