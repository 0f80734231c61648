#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

namespace typecase {

/// Phi 3, 3.5 and 4.  Abdin et al. 2024, arXiv:2404.14219.
///
/// Llama's network with fused matrices:
///     q, k, v = W_qkv n;     gate, up = W_gate_up n;     n = rms_norm(x)
///     x      += W_o · attention(rope(q), rope(k), v)                  ┐ for each
///     x      += W_down (silu(gate) ⊙ up)                              ┘ layer
///     logits  = W_head · rms_norm(x)
///
/// Long texts rotate with other factors (longrope); when a text grows beyond
/// `original_max_position_embeddings` its keys are computed afresh.
Plan phi3(const Config& c, const Weights& w) {
  const Sizes s = sizes(c);
  const double eps = c.positive("rms_norm_eps", 1e-5);
  const Activation act = activation(c, "hidden_act", "silu");
  const Rope positions = rope(c, s.head_dim, {.yarn_is_longrope = true});
  const int keys_seen = window(c, "sliding_window", 0);

  Plan plan = plan_of(s, w / "model.embed_tokens");
  if (positions.long_table) plan.recompute_above = positions.long_above;
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "model.layers" / i;
    const Weights self_attn = layer / "self_attn";
    const Weights mlp = layer / "mlp";
    const Linear qkv = linear(self_attn / "qkv_proj", s.q() + 2 * s.kv(), s.hidden);
    const Linear gate_up = linear(mlp / "gate_up_proj", 2 * s.inner, s.hidden);
    Attention attend =
        attention(s, part(qkv, 0, s.q()), part(qkv, s.q(), s.kv()),
                  part(qkv, s.q() + s.kv(), s.kv()), linear(self_attn / "o_proj", s.hidden, s.q()));
    attend.position = positions;
    attend.window = keys_seen;

    plan.decoder.blocks.push_back({
        .attention_norm = rms_norm(layer / "input_layernorm", s.hidden, eps),
        .attention = std::move(attend),
        .mlp_norm = rms_norm(layer / "post_attention_layernorm", s.hidden, eps),
        .mlp = Mlp{.gate_proj = part(gate_up, 0, s.inner),
                   .up_proj = part(gate_up, s.inner, s.inner),
                   .down_proj = linear(mlp / "down_proj", s.hidden, s.inner),
                   .activation = act},
    });
  }
  plan.head = {.norm = rms_norm(w / "model.norm", s.hidden, eps),
               .lm_head = lm_head(w / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", false))};
  return plan;
}

}  // namespace typecase
