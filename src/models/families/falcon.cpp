#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

namespace typecase {
namespace {

/// q, k and v out of one matrix. Group g holds the query heads that share key head g, then that
/// key head, then its value head: one group of all (7B), several (40B), or one for each (RW).
Attention fused(const Weights& attn, const Sizes& s, bool bias) {
  const std::int64_t d = s.head_dim, queries = s.heads / s.kv_heads, size = (queries + 2) * d;
  const Linear qkv = linear(attn / "query_key_value", s.kv_heads * size, s.hidden, bias);
  return attention(s, part_of_groups(qkv, s.kv_heads, size, 0, queries * d),
                   part_of_groups(qkv, s.kv_heads, size, queries * d, d),
                   part_of_groups(qkv, s.kv_heads, size, (queries + 1) * d, d),
                   linear(attn / "dense", s.hidden, s.hidden, bias));
}

}  // namespace

/// Falcon 7B, 40B, RW.  Almazrouei et al. 2023, arXiv:2311.16867.
///
///     x      = E[token]
///     x      = (W_o · attention(rope(q), rope(k), v) + W_2 gelu(W_1 m)) + x
///              (q, k, v) = W_qkv n; n, m = norms of x: one for both (7B), two (40B)
///     logits = E · layer_norm(x)
///
/// `alibi`: no rotation, slope · position is added before the scores are divided by √d. Without
/// `parallel_attn` (RW) the MLP follows the attention as in GPT-2.
Plan falcon(const Config& c, const Weights& root) {
  const auto hidden = c.has("n_embed") ? c.count("n_embed") : c.count("hidden_size");
  const auto vocabulary = c.count("vocab_size");
  const auto n_heads = c.has("n_head") ? c.count("n_head") : c.count("num_attention_heads");
  const auto n_layers = layers(c, c.has("n_layer") ? "n_layer" : "num_hidden_layers");
  const bool grouped = c.flag("new_decoder_architecture", false);
  const bool parallel = grouped || c.flag("parallel_attn", true);
  const bool multi_query = c.flag("multi_query", true);
  const auto kv_heads = grouped || !multi_query ? c.count("num_kv_heads", n_heads) : 1;
  if (hidden % n_heads != 0 || n_heads % kv_heads != 0) {
    c.fail("num_attention_heads", "must divide the hidden size, and num_kv_heads must divide it");
  }
  const Sizes s{hidden,
                c.count("ffn_hidden_size", 4 * hidden),
                vocabulary,
                n_layers,
                static_cast<int>(n_heads),
                static_cast<int>(kv_heads),
                static_cast<int>(hidden / n_heads)};
  const double eps = c.positive("layer_norm_epsilon", 1e-5);
  const bool bias = c.flag("bias", false);
  const Activation act = activation(c, "activation", "gelu");
  Position positions;
  if (c.flag("alibi", false)) {
    positions = Alibi{.slopes = Alibi::slopes_of(s.heads), .scaled = true, .bfloat16 = true};
  } else {
    positions = rope(c, s.head_dim);
  }
  const bool two_norms = grouped && c.count("num_ln_in_parallel_attn", 2) == 2;
  const Weights w = root / "transformer";

  Plan plan = plan_of(s, w / "word_embeddings");
  for (std::int64_t i = 0; i < n_layers; ++i) {
    const Weights layer = w / "h" / i;
    const Weights mlp = layer / "mlp";
    Attention attend = fused(layer / "self_attention", s, bias);
    attend.position = positions;

    Block block{
        .attention_norm =
            layer_norm(layer / (two_norms ? "ln_attn" : "input_layernorm"), hidden, eps),
        .attention = std::move(attend),
        .mlp = plain_mlp(mlp / "dense_h_to_4h", mlp / "dense_4h_to_h", hidden, s.inner, act, bias),
        .arrangement = parallel ? Block::Arrangement::parallel : Block::Arrangement::sequential,
        .sum_order = Block::SumOrder::mlp_attention_residual,
    };
    if (two_norms) block.mlp_norm = layer_norm(layer / "ln_mlp", hidden, eps);
    if (!parallel) block.mlp_norm = layer_norm(layer / "post_attention_layernorm", hidden, eps);
    plan.decoder.blocks.push_back(std::move(block));
  }
  plan.head = {.norm = layer_norm(w / "ln_f", hidden, eps),
               .lm_head = lm_head(root / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", true))};
  return plan;
}

}  // namespace typecase
