#include "models/bert_network.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace typecase {
namespace {

Stack stack(const Config& c, const Weights& w, const BertNames& v, double eps) {
  const auto hidden = c.count(v.hidden, 768), inner = c.count(v.inner, 4 * 768);
  const auto n_heads = static_cast<int>(c.count(v.heads, 12));
  if (hidden % n_heads != 0) {
    c.fail(v.heads, std::to_string(n_heads) + " heads do not divide " + std::to_string(hidden));
  }
  const auto head_dim = static_cast<int>(hidden / n_heads);
  const Weights embeddings = w / "embeddings";
  const auto rows = c.count("max_position_embeddings", 512);

  Stack out;
  out.embedding = {.tokens = embeddings.tensor("word_embeddings.weight",
                                               {c.count("vocab_size", v.vocabulary), hidden}),
                   .positions = embeddings.tensor("position_embeddings.weight", {rows, hidden}),
                   .position_offset = std::max(v.padding, 0),
                   .norm = layer_norm(embeddings / "LayerNorm", hidden, eps)};
  if (v.token_types) {
    out.embedding.token_types =
        embeddings.tensor("token_type_embeddings.weight", {c.count("type_vocab_size", 2), hidden});
  }
  const auto n_layers = layers(c, v.layers, v.layer_count);
  for (std::int64_t i = 0; i < n_layers; ++i) {
    const Weights layer = w / v.blocks / i;
    out.blocks.push_back(
        {.attention_norm = layer_norm(layer / v.attention_norm, hidden, eps),
         .attention = {.q_proj = linear(layer / v.q, hidden, hidden, true),
                       .k_proj = linear(layer / v.k, hidden, hidden, true),
                       .v_proj = linear(layer / v.v, hidden, hidden, true),
                       .o_proj = linear(layer / v.o, hidden, hidden, true),
                       .heads = n_heads,
                       .kv_heads = n_heads,
                       .head_dim = head_dim,
                       .scale = static_cast<float>(1 / std::sqrt(double(head_dim))),
                       .kind = Attention::Kind::bidirectional},
         .mlp_norm = layer_norm(layer / v.mlp_norm, hidden, eps),
         .mlp = Mlp{.up_proj = linear(layer / v.up, inner, hidden, true),
                    .down_proj = linear(layer / v.down, hidden, inner, true),
                    .activation = activation(c, v.activation, "gelu")},
         .post_norm = true});
  }
  return out;
}

/// The word that a mask hides; left out when the file has no such head.
Head masked_words(const Config& c, const Weights& w, const BertNames& v, const Tensor& tokens,
                  double eps) {
  if (!w.has(std::string(v.transform) + ".weight") || tokens.empty()) return {};
  const std::int64_t vocabulary = tokens.shape[0], hidden = tokens.shape[1];
  Head head{.transform = linear(w / v.transform, hidden, hidden, true),
            .transform_activation = activation(c, v.activation, "gelu"),
            .transform_norm = layer_norm(w / v.transform_norm, hidden, eps),
            .lm_head = lm_head(w / v.decoder, tokens, true)};
  const bool own = w.has(std::string(v.decoder) + ".bias");
  head.lm_head.bias = own ? vector(w / v.decoder, "bias", vocabulary)
                          : Vector{.stored = w.tensor(v.bias, {vocabulary})};
  return head;
}

}  // namespace

Plan bert_network(const Config& c, const Weights& root, const BertNames& v, double eps) {
  // Files of the network alone name its tensors without a prefix.
  const bool bare = root.has("embeddings.word_embeddings.weight");
  const Weights w = bare ? root : root / v.prefix;
  Plan plan;
  plan.hidden_size = c.count(v.hidden, 768);
  plan.vocabulary = c.count("vocab_size", v.vocabulary);
  plan.max_positions = c.count("max_position_embeddings", 512) - std::max(v.padding, 0);
  plan.position_source = v.padding >= 0 ? PositionSource::non_pad_ids : PositionSource::slot;
  plan.pad_token_id = v.padding;
  plan.decoder = stack(c, w, v, eps);
  plan.head = masked_words(c, root, v, plan.decoder.embedding.tokens, eps);
  return plan;
}

double bert_epsilon(const Config& c) { return c.positive("layer_norm_eps", 1e-12); }

}  // namespace typecase
