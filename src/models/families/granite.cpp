#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

namespace typecase {

/// Granite 3.  IBM 2024, "Granite 3.0 Language Models".
///
/// Llama's network with four multipliers m_e, m_a, m_r, m_l from the config:
///     x      = m_e · E[token]
///     x     += m_r · W_o · attention(rope(W_q n), rope(W_k n), W_v n)     scores m_a · q·k
///     x     += m_r · W_down (silu(W_gate n) ⊙ W_up n)       n = rms_norm(x), in each layer
///     logits = W_head · rms_norm(x) / m_l
Plan granite(const Config& c, const Weights& w) {
  const Sizes s = sizes(c);
  const double eps = c.positive("rms_norm_eps", 1e-6);
  const bool attention_bias = c.flag("attention_bias", false);
  const bool mlp_bias = c.flag("mlp_bias", false);
  const Activation act = activation(c, "hidden_act", "silu");
  const Rope positions = rope(c, s.head_dim);
  const auto multiplier = [&](std::string_view key) {
    return static_cast<float>(c.positive(key, 1.0));
  };

  Plan plan = plan_of(s, w / "model.embed_tokens");
  plan.decoder.embedding.scale = multiplier("embedding_multiplier");
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "model.layers" / i;
    Attention attend = attention(layer / "self_attn", s, attention_bias, attention_bias);
    attend.position = positions;
    attend.scale = multiplier("attention_multiplier");

    plan.decoder.blocks.push_back({
        .attention_norm = rms_norm(layer / "input_layernorm", s.hidden, eps),
        .attention = std::move(attend),
        .mlp_norm = rms_norm(layer / "post_attention_layernorm", s.hidden, eps),
        .mlp = gated_mlp(layer / "mlp", s.hidden, s.inner, act, mlp_bias),
        .residual_multiplier = multiplier("residual_multiplier"),
    });
  }
  plan.head = {.norm = rms_norm(w / "model.norm", s.hidden, eps),
               .lm_head = lm_head(w / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", false)),
               .scale = 1 / multiplier("logits_scaling")};
  return plan;
}

}  // namespace typecase
