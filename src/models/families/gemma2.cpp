#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

#include <cmath>

namespace typecase {

/// Gemma 2.  Gemma team 2024, arXiv:2408.00118.
///
///     x      = √hidden · E[token]
///     x     += norm(W_o · attention(rope(W_q n), rope(W_k n), W_v n))     n = norm(x)   ┐ for each
///     x     += norm(W_down (gelu(W_gate n) ⊙ W_up n))                     n = norm(x)   ┘ layer
///     logits = cap_f(E · norm(x))                  scores = cap_a(q·k / √query_pre_attn_scalar)
///
/// cap_c(s) = c · tanh(s / c). Norms multiply by 1 + w. Every other layer, the first one too, sees
/// a window.
Plan gemma2(const Config& c, const Weights& w) {
  refuse_flag(c, "use_bidirectional_attention", "attention to later tokens");
  const Sizes s = sizes(c, {.kv_heads = 4, .head_dim = 256});
  const double eps = c.positive("rms_norm_eps", 1e-6);
  const auto norm = [&](const Weights& at) {
    return rms_norm(at, s.hidden, eps, Norm::Rounding::one_plus_weight);
  };
  const auto cap = [&](std::string_view key, double missing) {
    const bool none = c.json().find(key) != nullptr && !c.has(key);
    return none ? 0.0f : static_cast<float>(c.positive(key, missing));
  };
  const bool bias = c.flag("attention_bias", false);
  const Activation act = activation(c, "hidden_activation", "gelu_pytorch_tanh");
  const Rope positions = rope(c, s.head_dim);
  const int width = window(c, "sliding_window", 4096);
  const auto windowed = windowed_layers(c, s.layers, [](std::int64_t i) { return i % 2 == 0; });

  Plan plan = plan_of(s, w / "model.embed_tokens");
  plan.decoder.embedding.scale = static_cast<float>(std::sqrt(double(s.hidden)));
  plan.decoder.embedding.rounded_scale = true;
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "model.layers" / i;
    Attention attend = attention(layer / "self_attn", s, bias, bias);
    attend.position = positions;
    attend.scale = static_cast<float>(1 / std::sqrt(c.positive("query_pre_attn_scalar", 256)));
    attend.softcap = cap("attn_logit_softcapping", 50);
    attend.implementation = Attention::Implementation::eager;
    if (windowed[static_cast<std::size_t>(i)]) attend.window = width;

    plan.decoder.blocks.push_back({
        .attention_norm = norm(layer / "input_layernorm"),
        .attention = std::move(attend),
        .after_attention_norm = norm(layer / "post_attention_layernorm"),
        .mlp_norm = norm(layer / "pre_feedforward_layernorm"),
        .mlp = gated_mlp(layer / "mlp", s.hidden, s.inner, act),
        .after_mlp_norm = norm(layer / "post_feedforward_layernorm"),
    });
  }
  plan.head = {.norm = norm(w / "model.norm"),
               .lm_head = lm_head(w / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", true)),
               .softcap = cap("final_logit_softcapping", 30)};
  return plan;
}

}  // namespace typecase
