#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

#include <cmath>

namespace typecase {

/// Gemma 1.  Gemma team 2024, arXiv:2403.08295.
///
///     x      = √hidden · E[token]
///     x     += W_o · attention(rope(W_q n), rope(W_k n), W_v n)       n = rms_norm(x)   ┐ for each
///     x     += W_down (gelu(W_gate n) ⊙ W_up n)                       n = rms_norm(x)   ┘ layer
///     logits = E · rms_norm(x)
///
/// Norms multiply by 1 + w.
Plan gemma(const Config& c, const Weights& w) {
  refuse_flag(c, "use_bidirectional_attention", "attention to later tokens");
  const Sizes s = sizes(c, {.kv_heads = 16, .head_dim = 256});
  const double eps = c.positive("rms_norm_eps", 1e-6);
  const auto norm = [&](const Weights& at) {
    return rms_norm(at, s.hidden, eps, Norm::Rounding::one_plus_weight);
  };
  const bool bias = c.flag("attention_bias", false);
  // The first files say "gelu" and mean its approximation.
  Activation act = activation(c, "hidden_act", "gelu_pytorch_tanh");
  if (act == Activation::gelu) act = Activation::gelu_pytorch_tanh;
  const Rope positions = rope(c, s.head_dim);

  Plan plan = plan_of(s, w / "model.embed_tokens");
  plan.decoder.embedding.scale = static_cast<float>(std::sqrt(double(s.hidden)));
  plan.decoder.embedding.rounded_scale = true;
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "model.layers" / i;
    Attention attend = attention(layer / "self_attn", s, bias, bias);
    attend.position = positions;

    plan.decoder.blocks.push_back({
        .attention_norm = norm(layer / "input_layernorm"),
        .attention = std::move(attend),
        .mlp_norm = norm(layer / "post_attention_layernorm"),
        .mlp = gated_mlp(layer / "mlp", s.hidden, s.inner, act),
    });
  }
  plan.head = {.norm = norm(w / "model.norm"),
               .lm_head = lm_head(w / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", true))};
  return plan;
}

}  // namespace typecase
