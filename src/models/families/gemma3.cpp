#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

#include <cmath>

namespace typecase {
namespace {

/// One rotary rule for the layers with a window, one for those that see all: `rope_parameters` has
/// both; older files have rope_local_base_freq, and rope_theta with rope_scaling.
struct Rotary {
  Rope local, global;
};
Rotary rotary(const Config& c, int head_dim) {
  const double local = c.positive("rope_local_base_freq", 10'000);
  const double global = c.positive("rope_theta", 1'000'000);
  if (!c.has("rope_parameters")) {
    return {default_rope(head_dim, local), rope(c, head_dim, {.theta = global})};
  }
  const Config both = c.object("rope_parameters");
  const auto of = [&](std::string_view type, double theta) {
    return both.has(type) ? rope_of(c, both.object(type), head_dim, {.theta = theta})
                          : default_rope(head_dim, theta);
  };
  return {of("sliding_attention", local), of("full_attention", global)};
}

/// The decoder whose tensors stand under `w` and whose head, if it has one, is `head`.
Plan decoder(const Config& c, const Weights& w, const Weights& head) {
  refuse_flag(c, "use_bidirectional_attention", "attention to later tokens");
  const Sizes s = sizes(c, {.hidden = 2304,
                            .inner = 9216,
                            .vocabulary = 262'208,
                            .layers = 26,
                            .heads = 8,
                            .kv_heads = 4,
                            .head_dim = 256});
  const double eps = c.positive("rms_norm_eps", 1e-6);
  const auto norm = [&](const Weights& at, std::int64_t n) {
    return rms_norm(at, n, eps, Norm::Rounding::one_plus_weight);
  };
  const auto cap = [&](std::string_view key) { return static_cast<float>(c.positive(key, 0)); };
  const bool bias = c.flag("attention_bias", false);
  const Activation act = activation(c, "hidden_activation", "gelu_pytorch_tanh");
  const auto [local, global] = rotary(c, s.head_dim);
  const int width = window(c, "sliding_window", 4096);
  const auto pattern = c.count("sliding_window_pattern", 6);
  const auto windowed =
      windowed_layers(c, s.layers, [&](std::int64_t i) { return (i + 1) % pattern != 0; });

  Plan plan = plan_of(s, w / "embed_tokens");
  plan.decoder.embedding.scale = static_cast<float>(std::sqrt(double(s.hidden)));
  plan.decoder.embedding.rounded_scale = true;
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "layers" / i;
    const Weights self_attn = layer / "self_attn";
    const bool near = windowed[static_cast<std::size_t>(i)];
    Attention attend = attention(self_attn, s, bias, bias);
    attend.q_norm = norm(self_attn / "q_norm", s.head_dim);
    attend.k_norm = norm(self_attn / "k_norm", s.head_dim);
    attend.position = near ? local : global;
    attend.scale = static_cast<float>(1 / std::sqrt(c.positive("query_pre_attn_scalar", 256)));
    attend.softcap = cap("attn_logit_softcapping");
    if (near) attend.window = width;

    plan.decoder.blocks.push_back({
        .attention_norm = norm(layer / "input_layernorm", s.hidden),
        .attention = std::move(attend),
        .after_attention_norm = norm(layer / "post_attention_layernorm", s.hidden),
        .mlp_norm = norm(layer / "pre_feedforward_layernorm", s.hidden),
        .mlp = gated_mlp(layer / "mlp", s.hidden, s.inner, act),
        .after_mlp_norm = norm(layer / "post_feedforward_layernorm", s.hidden),
    });
  }
  plan.head = {
      .norm = norm(w / "norm", s.hidden),
      .lm_head = lm_head(head, plan.decoder.embedding.tokens, c.flag("tie_word_embeddings", true)),
      .softcap = cap("final_logit_softcapping")};
  return plan;
}

}  // namespace

/// Gemma 3, text alone.  Gemma team 2025, arXiv:2503.19786.
///
///     x      = √hidden · E[token]
///     q, k   = rope(norm(W_q n)), rope(norm(W_k n))                      each head by itself
///     x     += norm(W_o · attention(q, k, W_v n))                        n = norm(x)    ┐ for each
///     x     += norm(W_down (gelu(W_gate n) ⊙ W_up n))                    n = norm(x)    ┘ layer
///     logits = E · norm(x)                      scores = q·k / √query_pre_attn_scalar
///
/// Norms multiply by 1 + w. Five of six layers see a window and have a rotary table of their own.
Plan gemma3_text(const Config& c, const Weights& w) {
  return decoder(c, w / "model", w / "lm_head");
}

/// The text part of a Gemma 3 file with images.
Plan gemma3(const Config& c, const Weights& w) {
  const Weights outer =
      w.has("language_model.model.embed_tokens.weight") ? w / "language_model" : w;
  const bool newer = w.has("model.language_model.embed_tokens.weight");
  return decoder(c.object("text_config"), newer ? w / "model" / "language_model" : outer / "model",
                 outer / "lm_head");
}

}  // namespace typecase
