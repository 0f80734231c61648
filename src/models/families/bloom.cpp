#include "models/families/families.h"
#include "models/words.h"

namespace typecase {

/// BLOOM, BLOOMZ.  Le Scao et al. 2022, arXiv:2211.05100.
///
///     x      = layer_norm(E[token])
///     x     += W_o · attention(q, k, v)        (q, k, v) = W_qkv n, head after head  ┐ for each
///     x     += W_2 gelu(W_1 n)                 n = layer_norm(x)                     ┘ layer
///     logits = E · layer_norm(x)                     scores = q·k / √d + slope · position
///
/// `apply_residual_connection_post_layernorm`: the sums add to n in place of x.
Plan bloom(const Config& c, const Weights& root) {
  const auto hidden = c.has("n_embed") ? c.count("n_embed") : c.count("hidden_size");
  const auto vocabulary = c.count("vocab_size");
  const std::string_view layers_key = c.has("n_layer") ? "n_layer" : "num_hidden_layers";
  const std::string_view heads_key = c.has("n_head") ? "n_head" : "num_attention_heads";
  const auto n_layers = layers(c, layers_key);
  const auto n_heads = c.count(heads_key);
  if (hidden % n_heads != 0) c.fail(heads_key, "must divide the hidden size");
  const int head_dim = static_cast<int>(hidden / n_heads);
  const Sizes s{hidden,
                4 * hidden,
                vocabulary,
                n_layers,
                static_cast<int>(n_heads),
                static_cast<int>(n_heads),
                head_dim};
  const double eps = c.positive("layer_norm_epsilon", 1e-5);
  const Alibi positions{.slopes = Alibi::slopes_of(s.heads)};
  // Old files name their tensors without the model's own prefix.
  const Weights w = root.has("word_embeddings.weight") ? root : root / "transformer";

  Plan plan = plan_of(s, w / "word_embeddings");
  plan.decoder.embedding.norm = layer_norm(w / "word_embeddings_layernorm", hidden, eps);
  for (std::int64_t i = 0; i < n_layers; ++i) {
    const Weights layer = w / "h" / i;
    const Weights attn = layer / "self_attention";
    const Weights mlp = layer / "mlp";
    const Linear qkv = linear(attn / "query_key_value", 3 * hidden, hidden, true);
    const auto of_each_head = [&](int which) {
      return part_of_groups(qkv, s.heads, 3 * head_dim, which * head_dim, head_dim);
    };
    Attention attend = attention(s, of_each_head(0), of_each_head(1), of_each_head(2),
                                 linear(attn / "dense", hidden, hidden, true));
    attend.position = positions;
    attend.implementation = Attention::Implementation::eager;

    plan.decoder.blocks.push_back({
        .attention_norm = layer_norm(layer / "input_layernorm", hidden, eps),
        .attention = std::move(attend),
        .mlp_norm = layer_norm(layer / "post_attention_layernorm", hidden, eps),
        .mlp = plain_mlp(mlp / "dense_h_to_4h", mlp / "dense_4h_to_h", hidden, s.inner,
                         Activation::bloom_gelu),
        .residual_from_normed = c.flag("apply_residual_connection_post_layernorm", false),
    });
  }
  plan.head = {.norm = layer_norm(w / "ln_f", hidden, eps),
               .lm_head = lm_head(root / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", true))};
  return plan;
}

}  // namespace typecase
