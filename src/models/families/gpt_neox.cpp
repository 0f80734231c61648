#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

namespace typecase {

/// GPT-NeoX 20B, Pythia, Dolly.  Black et al. 2022, arXiv:2204.06745.
///
///     x      = E[token]
///     x      = (W_2 gelu(W_1 m) + W_o · attention(rope(q), rope(k), v)) + x
///              (q, k, v) = W_qkv n, head after head; n, m = layer_norms of x, in each layer
///     logits = W_head · layer_norm(x)
///
/// `rotary_pct` of each head rotates. Without `use_parallel_residual` m norms the sum with the
/// attention instead, as in GPT-2.
Plan gpt_neox(const Config& c, const Weights& root) {
  const Sizes s = sizes(c);
  const double eps = c.positive("layer_norm_eps", 1e-5);
  const bool bias = c.flag("attention_bias", true);
  const bool parallel = c.flag("use_parallel_residual", true);
  const Activation act = activation(c, "hidden_act", "gelu");
  const Rope positions = rope(
      c, s.head_dim, {.share = 0.25, .theta_key = "rotary_emb_base", .share_key = "rotary_pct"});
  const Weights w = root / "gpt_neox";

  Plan plan = plan_of(s, w / "embed_in");
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "layers" / i;
    const Weights attn = layer / "attention";
    const Weights mlp = layer / "mlp";
    const Linear qkv = linear(attn / "query_key_value", 3 * s.hidden, s.hidden, bias);
    const auto of_each_head = [&](int which) {
      return part_of_groups(qkv, s.heads, 3 * s.head_dim, which * s.head_dim, s.head_dim);
    };
    Attention attend = attention(s, of_each_head(0), of_each_head(1), of_each_head(2),
                                 linear(attn / "dense", s.hidden, s.hidden, bias));
    attend.position = positions;

    plan.decoder.blocks.push_back({
        .attention_norm = layer_norm(layer / "input_layernorm", s.hidden, eps),
        .attention = std::move(attend),
        .mlp_norm = layer_norm(layer / "post_attention_layernorm", s.hidden, eps),
        .mlp = plain_mlp(mlp / "dense_h_to_4h", mlp / "dense_4h_to_h", s.hidden, s.inner, act),
        .arrangement = parallel ? Block::Arrangement::parallel : Block::Arrangement::sequential,
        .sum_order = Block::SumOrder::mlp_attention_residual,
    });
  }
  plan.head = {.norm = layer_norm(w / "final_layer_norm", s.hidden, eps),
               .lm_head = lm_head(root / "embed_out", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", false))};
  return plan;
}

}  // namespace typecase
