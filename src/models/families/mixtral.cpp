#include "models/families/families.h"
#include "models/mixture.h"
#include "models/rope.h"
#include "models/words.h"

namespace typecase {

/// Mixtral.  Jiang et al. 2024, arXiv:2401.04088.
///
/// Mistral with a mixture in place of the MLP:
///     p      = softmax(W_gate n), the `num_experts_per_tok` largest, divided by their sum
///     x     += W_o · attention(rope(W_q n), rope(W_k n), W_v n)       n = rms_norm(x)   ┐ for each
///     x     += Σ_e p_e · W2_e (silu(W1_e n) ⊙ W3_e n)                 n = rms_norm(x)   ┘ layer
///     logits = W_head · rms_norm(x)
Plan mixtral(const Config& c, const Weights& w) {
  const Sizes s = sizes(c, {.kv_heads = 8});
  const double eps = c.positive("rms_norm_eps", 1e-5);
  const Activation act = activation(c, "hidden_act", "silu");
  const Rope positions = rope(c, s.head_dim, {.theta = 1'000'000});
  const int keys_seen = window(c, "sliding_window", 0);
  const auto [count, per_token] = experts_of(c, "num_local_experts", "num_experts_per_tok",
                                             {.count = 8, .per_token = 2}, s.layers);

  Plan plan = plan_of(s, w / "model.embed_tokens");
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "model.layers" / i;
    const Weights moe = layer / "block_sparse_moe";
    Attention attend = attention(layer / "self_attn", s, false, false);
    attend.position = positions;
    attend.window = keys_seen;

    Experts mixture{.router = linear(moe / "gate", count, s.hidden),
                    .per_token = per_token,
                    .normalise_top_k = true,
                    .rounded_shares = false};
    for (int e = 0; e < count; ++e) {
      const Weights expert = moe / "experts" / e;
      mixture.experts.push_back({.gate_proj = linear(expert / "w1", s.inner, s.hidden),
                                 .up_proj = linear(expert / "w3", s.inner, s.hidden),
                                 .down_proj = linear(expert / "w2", s.hidden, s.inner),
                                 .activation = act});
    }
    plan.decoder.blocks.push_back({
        .attention_norm = rms_norm(layer / "input_layernorm", s.hidden, eps),
        .attention = std::move(attend),
        .mlp_norm = rms_norm(layer / "post_attention_layernorm", s.hidden, eps),
        .mlp = std::move(mixture),
    });
  }
  plan.head = {.norm = rms_norm(w / "model.norm", s.hidden, eps),
               .lm_head = lm_head(w / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", false))};
  return plan;
}

}  // namespace typecase
