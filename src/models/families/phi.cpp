#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

namespace typecase {

/// Phi 1, 1.5 and 2.  Li et al. 2023, arXiv:2309.05463.
///
///     x      = E[token]
///     x     += W_o · attention(rope(W_q n), rope(W_k n), W_v n) + W_2 gelu(W_1 n)
///              n = layer_norm(x), one for both, in each layer; biases everywhere
///     logits = W_head · layer_norm(x) + b
///
/// The first half (`partial_rotary_factor`) of a head rotates. `qk_layernorm`: q and k are normed
/// in each head.
Plan phi(const Config& c, const Weights& w) {
  const Sizes s = sizes(c);
  const double eps = c.positive("layer_norm_eps", 1e-5);
  const Activation act = activation(c, "hidden_act", "gelu_new");
  const Rope positions = rope(c, s.head_dim, {.share = 0.5});
  const bool normed_heads = c.flag("qk_layernorm", false);

  Plan plan = plan_of(s, w / "model.embed_tokens");
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "model.layers" / i;
    const Weights self_attn = layer / "self_attn";
    const Weights mlp = layer / "mlp";
    Attention attend = attention(self_attn, s, true, true, "dense");
    attend.position = positions;
    if (normed_heads) {
      attend.q_norm = layer_norm(self_attn / "q_layernorm", s.head_dim, eps);
      attend.k_norm = layer_norm(self_attn / "k_layernorm", s.head_dim, eps);
    }

    plan.decoder.blocks.push_back({
        .attention_norm = layer_norm(layer / "input_layernorm", s.hidden, eps),
        .attention = std::move(attend),
        .mlp = plain_mlp(mlp / "fc1", mlp / "fc2", s.hidden, s.inner, act),
        .arrangement = Block::Arrangement::parallel,
        .sum_order = Block::SumOrder::attention_mlp_residual,
    });
  }
  plan.head = {.norm = layer_norm(w / "model.final_layernorm", s.hidden, eps),
               .lm_head = lm_head(w / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", false))};
  plan.head.lm_head.bias = vector(w / "lm_head", "bias", s.vocabulary);
  return plan;
}

}  // namespace typecase
