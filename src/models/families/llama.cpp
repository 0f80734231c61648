#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

#include <cmath>

namespace typecase {

/// Llama 1 to 3.2, SmolLM2.  Touvron et al. 2023, arXiv:2302.13971.
///
///     x      = E[token]
///     x     += W_o · attention(rope(W_q n), rope(W_k n), W_v n)       n = rms_norm(x)   ┐ for each
///     x     += W_down (silu(W_gate n) ⊙ W_up n)                       n = rms_norm(x)   ┘ layer
///     logits = W_head · rms_norm(x)
Plan llama(const Config& c, const Weights& w) {
  const auto hidden = c.count("hidden_size");
  const auto inner = c.count("intermediate_size");
  const auto vocabulary = c.count("vocab_size");
  const auto [n_heads, kv_heads, head_dim] =
      heads(c, "num_attention_heads", "num_key_value_heads", "hidden_size");
  const double eps = c.positive("rms_norm_eps", 1e-6);
  const bool attention_bias = c.flag("attention_bias", false);
  const bool mlp_bias = c.flag("mlp_bias", false);
  const Activation act = activation(c, "hidden_act", "silu");
  const Rope positions = rope(c, head_dim);

  const auto n_layers = layers(c, "num_hidden_layers");

  Plan plan;
  plan.hidden_size = hidden;
  plan.vocabulary = vocabulary;
  plan.decoder.embedding = {.tokens = w.tensor("model.embed_tokens.weight", {vocabulary, hidden})};

  for (std::int64_t i = 0; i < n_layers; ++i) {
    const Weights layer = w / "model.layers" / i;
    const Weights self_attn = layer / "self_attn";
    const Weights mlp = layer / "mlp";
    const auto q_size = std::int64_t{n_heads} * head_dim,
               kv_size = std::int64_t{kv_heads} * head_dim;

    plan.decoder.blocks.push_back({
        .attention_norm = rms_norm(layer / "input_layernorm", hidden, eps),
        .attention = {.q_proj = linear(self_attn / "q_proj", q_size, hidden, attention_bias),
                      .k_proj = linear(self_attn / "k_proj", kv_size, hidden, attention_bias),
                      .v_proj = linear(self_attn / "v_proj", kv_size, hidden, attention_bias),
                      .o_proj = linear(self_attn / "o_proj", hidden, q_size, attention_bias),
                      .heads = n_heads,
                      .kv_heads = kv_heads,
                      .head_dim = head_dim,
                      .position = positions,
                      .scale = static_cast<float>(1 / std::sqrt(double(head_dim)))},
        .mlp_norm = rms_norm(layer / "post_attention_layernorm", hidden, eps),
        .mlp = Mlp{.gate_proj = linear(mlp / "gate_proj", inner, hidden, mlp_bias),
                   .up_proj = linear(mlp / "up_proj", inner, hidden, mlp_bias),
                   .down_proj = linear(mlp / "down_proj", hidden, inner, mlp_bias),
                   .activation = act},
    });
  }

  plan.head = {.norm = rms_norm(w / "model.norm", hidden, eps),
               .lm_head = lm_head(w / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", false))};
  return plan;
}

}  // namespace typecase
