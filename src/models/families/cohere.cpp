#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

namespace typecase {
namespace {

/// A layer norm without bias for each head; their weights are the rows of one [heads, head_dim].
std::vector<Norm> head_norms(const Weights& at, int heads, int head_dim, double eps) {
  const Tensor weights = at.tensor("weight", {heads, head_dim});
  std::vector<Norm> out;
  if (weights.empty()) return out;  // already noted as missing
  for (int h = 0; h < heads; ++h) {
    Vector own{.stored = weights};
    for (int d = 0; d < head_dim; ++d) own.rows.push_back(h * head_dim + d);
    out.push_back({.kind = Norm::Kind::layer, .weight = own, .eps = static_cast<float>(eps)});
  }
  return out;
}

}  // namespace

/// Command R, Command R+, Aya 23.  Cohere 2024.
///
///     x      = E[token]
///     x      = (x + W_o · attention(rope(W_q n), rope(W_k n), W_v n)) + W_down (silu(W_gate n) ⊙
///     W_up n)
///              n = layer_norm(x), without bias, one for both, in each layer
///     logits = logit_scale · E · layer_norm(x)
///
/// Pairs of neighbours rotate. `use_qk_norm`: a norm of its own for each head of q and k.
Plan cohere(const Config& c, const Weights& w) {
  const Sizes s = sizes(c);
  const double eps = c.positive("layer_norm_eps", 1e-5);
  const bool bias = c.flag("attention_bias", false);
  const Activation act = activation(c, "hidden_act", "silu");
  Rope positions = rope(c, s.head_dim, {.theta = 500'000});
  positions.layout = Rope::Layout::interleaved;
  positions.rounded_products = false;
  const bool normed_heads = c.flag("use_qk_norm", false);

  Plan plan = plan_of(s, w / "model.embed_tokens");
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "model.layers" / i;
    const Weights self_attn = layer / "self_attn";
    Attention attend = attention(self_attn, s, bias, bias);
    attend.position = positions;
    if (normed_heads) {
      attend.q_norms = head_norms(self_attn / "q_norm", s.heads, s.head_dim, eps);
      attend.k_norms = head_norms(self_attn / "k_norm", s.kv_heads, s.head_dim, eps);
    }

    plan.decoder.blocks.push_back({
        .attention_norm = layer_norm(layer / "input_layernorm", s.hidden, eps, false),
        .attention = std::move(attend),
        .mlp = gated_mlp(layer / "mlp", s.hidden, s.inner, act),
        .arrangement = Block::Arrangement::parallel,
        .sum_order = Block::SumOrder::residual_attention_mlp,
    });
  }
  plan.head = {.norm = layer_norm(w / "model.norm", s.hidden, eps, false),
               .lm_head = lm_head(w / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", true)),
               .scale = static_cast<float>(c.number("logit_scale", 0.0625))};
  return plan;
}

}  // namespace typecase
