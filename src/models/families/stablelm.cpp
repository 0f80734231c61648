#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

namespace typecase {
namespace {

/// A layer norm without bias for each head.
std::vector<Norm> head_norms(const Weights& at, int heads, int head_dim, double eps) {
  std::vector<Norm> out;
  if (!at.has("norms.0.weight")) heads = 1;  // one noted as missing is enough
  for (int h = 0; h < heads; ++h) out.push_back(layer_norm(at / "norms" / h, head_dim, eps, false));
  return out;
}

}  // namespace

/// StableLM 3B, StableLM 2 1.6B and 12B.  Bellagente et al. 2024, arXiv:2402.17834.
///
///     x      = E[token]
///     x     += W_o · attention(rope(W_q n), rope(W_k n), W_v n)     n = layer_norm(x)   ┐ for each
///     x     += W_down (silu(W_gate n) ⊙ W_up n)                     n = layer_norm(x)   ┘ layer
///     logits = W_head · layer_norm(x)
///
/// A quarter of each head rotates. `use_parallel_residual`: both from one norm, summed at once.
/// `qk_layernorm`: a norm of its own for each head of q and k.
Plan stablelm(const Config& c, const Weights& w) {
  const Sizes s = sizes(c, {.kv_heads = 32});
  const double eps = c.positive("layer_norm_eps", 1e-5);
  const Activation act = activation(c, "hidden_act", "silu");
  const Rope positions = rope(c, s.head_dim, {.share = 0.25});
  const bool bias = c.flag("use_qkv_bias", false);
  const bool parallel = c.flag("use_parallel_residual", false);
  const bool normed_heads = c.flag("qk_layernorm", false);

  Plan plan = plan_of(s, w / "model.embed_tokens");
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "model.layers" / i;
    const Weights self_attn = layer / "self_attn";
    Attention attend = attention(self_attn, s, bias, false);
    attend.position = positions;
    if (normed_heads) {
      attend.q_norms = head_norms(self_attn / "q_layernorm", s.heads, s.head_dim, eps);
      attend.k_norms = head_norms(self_attn / "k_layernorm", s.kv_heads, s.head_dim, eps);
    }

    Block block{
        .attention_norm = layer_norm(layer / "input_layernorm", s.hidden, eps),
        .attention = std::move(attend),
        .mlp = gated_mlp(layer / "mlp", s.hidden, s.inner, act),
    };
    if (parallel) {
      block.arrangement = Block::Arrangement::parallel;
      block.sum_order = Block::SumOrder::residual_attention_mlp;
    } else {
      block.mlp_norm = layer_norm(layer / "post_attention_layernorm", s.hidden, eps);
    }
    plan.decoder.blocks.push_back(std::move(block));
  }
  plan.head = {.norm = layer_norm(w / "model.norm", s.hidden, eps),
               .lm_head = lm_head(w / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", false))};
  return plan;
}

}  // namespace typecase
