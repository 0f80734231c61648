#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

namespace typecase {

/// Qwen 1.5, 2 and 2.5.  Yang et al. 2024, arXiv:2407.10671.
///
///     x      = E[token]
///     x     += W_o · attention(rope(W_q n + b_q), rope(W_k n + b_k), W_v n + b_v)
///     x     += W_down (silu(W_gate n) ⊙ W_up n)              n = rms_norm(x), in each layer
///     logits = W_head · rms_norm(x)
///
/// With `use_sliding_window` the layers from `max_window_layers` on see a window.
Plan qwen2(const Config& c, const Weights& w) {
  const Sizes s = sizes(c, {.kv_heads = 32});
  const double eps = c.positive("rms_norm_eps", 1e-6);
  const Activation act = activation(c, "hidden_act", "silu");
  const Rope positions = rope(c, s.head_dim);
  const int width = c.flag("use_sliding_window", false) ? window(c, "sliding_window", 4096) : 0;
  const auto first = c.number("max_window_layers", 28);
  const auto windowed =
      windowed_layers(c, s.layers, [&](std::int64_t i) { return static_cast<double>(i) >= first; });

  Plan plan = plan_of(s, w / "model.embed_tokens");
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "model.layers" / i;
    Attention attend = attention(layer / "self_attn", s, true, false);
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
