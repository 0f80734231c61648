#include "models/families/families.h"
#include "models/words.h"

namespace typecase {

/// OPT.  Zhang et al. 2022, arXiv:2205.01068.
///
///     x      = project_in(E[token]) + P[position + 2]
///     x     += W_o · attention(r(W_q n / √d), W_k n, W_v n)       n = layer_norm(x)   ┐ for each
///     x     += W_2 relu(W_1 n)                                    n = layer_norm(x)   ┘ layer
///     logits = E · project_out(layer_norm(x))
///
/// The projections exist where `word_embed_proj_dim` ≠ `hidden_size` (350m); that model also has
/// `do_layer_norm_before` false: the norms follow the sums, and there is no last one.
Plan opt(const Config& c, const Weights& root) {
  const auto hidden = c.count("hidden_size");
  const auto vocabulary = c.count("vocab_size");
  const auto n_layers = layers(c, "num_hidden_layers");
  const auto inner = c.count("ffn_dim");
  const auto width = c.count("word_embed_proj_dim", hidden);
  const auto n_positions = c.count("max_position_embeddings", 2048);
  const auto [n_heads, kv_heads, head_dim] =
      heads(c, "num_attention_heads", "num_attention_heads", "hidden_size");
  const Sizes s{hidden, inner, vocabulary, n_layers, n_heads, kv_heads, head_dim};
  const bool bias = c.flag("enable_bias", true);
  const bool before = c.flag("do_layer_norm_before", true);
  const bool affine = c.flag("layer_norm_elementwise_affine", true);
  const Activation act = activation(c, "activation_function", "relu");
  const auto norm = [&](const Weights& at) {
    return affine ? layer_norm(at, hidden, 1e-5) : Norm{.kind = Norm::Kind::layer, .eps = 1e-5f};
  };
  const Weights w =
      root.has("decoder.embed_tokens.weight") ? root / "decoder" : root / "model" / "decoder";

  Plan plan;
  plan.hidden_size = hidden;
  plan.vocabulary = vocabulary;
  plan.max_positions = n_positions;
  plan.decoder.embedding = {
      .tokens = w.tensor("embed_tokens.weight", {vocabulary, width}),
      .project_in = width != hidden ? linear(w / "project_in", hidden, width) : Linear{},
      .positions = w.tensor("embed_positions.weight", {n_positions + 2, hidden}),
      .position_offset = 2,
  };
  for (std::int64_t i = 0; i < n_layers; ++i) {
    const Weights layer = w / "layers" / i;
    Attention attend = attention(layer / "self_attn", s, bias, bias, "out_proj");
    attend.scaled_query = true;

    plan.decoder.blocks.push_back({
        .attention_norm = norm(layer / "self_attn_layer_norm"),
        .attention = std::move(attend),
        .mlp_norm = norm(layer / "final_layer_norm"),
        .mlp = plain_mlp(layer / "fc1", layer / "fc2", hidden, inner, act, bias),
        .post_norm = !before,
    });
  }
  const bool last_norm = before && !c.flag("_remove_final_layer_norm", false);
  plan.head = {.norm = last_norm ? norm(w / "final_layer_norm") : Norm{},
               .project_out = width != hidden ? linear(w / "project_out", width, hidden) : Linear{},
               .lm_head = lm_head(root / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", true))};
  return plan;
}

}  // namespace typecase
