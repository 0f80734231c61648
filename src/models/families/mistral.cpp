#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

namespace typecase {

/// Mistral 7B, Nemo, Small.  Jiang et al. 2023, arXiv:2310.06825.
///
/// Llama's network in which a query sees the last `sliding_window` keys (null: all):
///     x      = E[token]
///     x     += W_o · attention(rope(W_q n), rope(W_k n), W_v n)       n = rms_norm(x)   ┐ for each
///     x     += W_down (silu(W_gate n) ⊙ W_up n)                       n = rms_norm(x)   ┘ layer
///     logits = W_head · rms_norm(x)
Plan mistral(const Config& c, const Weights& w) {
  const Sizes s = sizes(c, {.kv_heads = 8});
  const double eps = c.positive("rms_norm_eps", 1e-6);
  const Activation act = activation(c, "hidden_act", "silu");
  const Rope positions = rope(c, s.head_dim);
  const int keys_seen = window(c, "sliding_window", 4096);

  Plan plan = plan_of(s, w / "model.embed_tokens");
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "model.layers" / i;
    Attention attend = attention(layer / "self_attn", s, false, false);
    attend.position = positions;
    attend.window = keys_seen;

    plan.decoder.blocks.push_back({
        .attention_norm = rms_norm(layer / "input_layernorm", s.hidden, eps),
        .attention = std::move(attend),
        .mlp_norm = rms_norm(layer / "post_attention_layernorm", s.hidden, eps),
        .mlp = gated_mlp(layer / "mlp", s.hidden, s.inner, act),
    });
  }
  plan.head = {.norm = rms_norm(w / "model.norm", s.hidden, eps),
               .lm_head = lm_head(w / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", false))};
  return plan;
}

}  // namespace typecase
