#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

namespace typecase {

/// Qwen 3.  Yang et al. 2025, arXiv:2505.09388.
///
///     q, k   = rope(rms_norm(W_q n)), rope(rms_norm(W_k n))          each head by itself
///     x     += W_o · attention(q, k, W_v n)                          n = rms_norm(x)   ┐ for each
///     x     += W_down (silu(W_gate n) ⊙ W_up n)                      n = rms_norm(x)   ┘ layer
///     logits = W_head · rms_norm(x)
Plan qwen3(const Config& c, const Weights& w) {
  const Sizes s = sizes(c, {.kv_heads = 32, .head_dim = 128});
  const double eps = c.positive("rms_norm_eps", 1e-6);
  const bool bias = c.flag("attention_bias", false);
  const Activation act = activation(c, "hidden_act", "silu");
  const Rope positions = rope(c, s.head_dim);
  const int width = c.flag("use_sliding_window", false) ? window(c, "sliding_window", 4096) : 0;
  const auto first = c.number("max_window_layers", 28);
  const auto windowed =
      windowed_layers(c, s.layers, [&](std::int64_t i) { return static_cast<double>(i) >= first; });

  Plan plan = plan_of(s, w / "model.embed_tokens");
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "model.layers" / i;
    const Weights self_attn = layer / "self_attn";
    Attention attend = attention(self_attn, s, bias, bias);
    attend.q_norm = rms_norm(self_attn / "q_norm", s.head_dim, eps);
    attend.k_norm = rms_norm(self_attn / "k_norm", s.head_dim, eps);
    attend.position = positions;
    if (windowed[static_cast<std::size_t>(i)]) attend.window = width;

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
