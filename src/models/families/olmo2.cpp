#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

namespace typecase {

/// OLMo 2.  OLMo team 2024, arXiv:2501.00656.
///
/// The norms stand behind attention and MLP, and q and k are normed over all heads at once:
///     q, k   = rope(rms_norm(W_q x)), rope(rms_norm(W_k x))
///     x     += rms_norm(W_o · attention(q, k, W_v x))                 ┐ for each
///     x     += rms_norm(W_down (silu(W_gate x) ⊙ W_up x))             ┘ layer
///     logits = W_head · rms_norm(x)
Plan olmo2(const Config& c, const Weights& w) {
  const Sizes s = sizes(c);
  const double eps = c.positive("rms_norm_eps", 1e-5);
  const auto norm = [&](const Weights& at, std::int64_t n) {
    return rms_norm(at, n, eps, Norm::Rounding::rounded_once);
  };
  const bool bias = c.flag("attention_bias", false);
  const Activation act = activation(c, "hidden_act", "silu");
  Rope positions = rope(c, s.head_dim);
  positions.rounded_tables = positions.rounded_products = false;

  Plan plan = plan_of(s, w / "model.embed_tokens");
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "model.layers" / i;
    const Weights self_attn = layer / "self_attn";
    Attention attend = attention(self_attn, s, bias, bias);
    attend.q_norm = norm(self_attn / "q_norm", s.q());
    attend.k_norm = norm(self_attn / "k_norm", s.kv());
    attend.head_norm = Attention::HeadNorm::whole;
    attend.position = positions;

    plan.decoder.blocks.push_back({
        .attention = std::move(attend),
        .after_attention_norm = norm(layer / "post_attention_layernorm", s.hidden),
        .mlp = gated_mlp(layer / "mlp", s.hidden, s.inner, act),
        .after_mlp_norm = norm(layer / "post_feedforward_layernorm", s.hidden),
    });
  }
  plan.head = {.norm = norm(w / "model.norm", s.hidden),
               .lm_head = lm_head(w / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", false))};
  return plan;
}

}  // namespace typecase
