#include "models/families/families.h"
#include "models/words.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace typecase {
namespace {

/// How the four families of one network name and number things.
struct Variant {
  // Keys of config.json.
  std::string_view hidden = "hidden_size", inner = "intermediate_size",
                   layers = "num_hidden_layers", heads = "num_attention_heads",
                   activation = "hidden_act";
  // Weights: the network's prefix, where layers are, and in a layer.
  std::string_view prefix, blocks = "encoder.layer", q = "attention.self.query",
                           k = "attention.self.key", v = "attention.self.value",
                           o = "attention.output.dense",
                           attention_norm = "attention.output.LayerNorm", up = "intermediate.dense",
                           down = "output.dense", mlp_norm = "output.LayerNorm";
  // Weights of the masked-word head.
  std::string_view transform, transform_norm, decoder, bias;
  std::int64_t vocabulary, layer_count = 12;
  bool token_types = true;
  int padding = -1;  ///< ≥ 0: that id, counted out of the positions, which begin behind it
};

Stack stack(const Config& c, const Weights& w, const Variant& v, double eps) {
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
Head masked_words(const Config& c, const Weights& w, const Variant& v, const Tensor& tokens,
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

Plan plan_of(const Config& c, const Weights& root, const Variant& v, double eps) {
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

constexpr double kEps = 1e-12;

double epsilon(const Config& c) { return c.positive("layer_norm_eps", kEps); }

}  // namespace

/// BERT.  Devlin et al. 2018, arXiv:1810.04805.
///
///     x      = layer_norm(E[token] + S[0] + P[position])
///     x      = layer_norm(x + W_o · attention(W_q x, W_k x, W_v x))          ┐ for each
///     x      = layer_norm(x + W_2 f(W_1 x))                                  ┘ layer
///     logits = E · layer_norm(f(W x + b)) + b'      of a masked word; without that head: x
///
/// Every token sees every other one.
Plan bert(const Config& c, const Weights& w) {
  return plan_of(c, w,
                 {.prefix = "bert",
                  .transform = "cls.predictions.transform.dense",
                  .transform_norm = "cls.predictions.transform.LayerNorm",
                  .decoder = "cls.predictions.decoder",
                  .bias = "cls.predictions.bias",
                  .vocabulary = 30522},
                 epsilon(c));
}

/// RoBERTa: BERT, its positions counted from behind the padding id.  Liu et al. 2019,
/// arXiv:1907.11692.
Plan roberta(const Config& c, const Weights& w) {
  Plan plan = plan_of(c, w,
                      {.prefix = "roberta",
                       .transform = "lm_head.dense",
                       .transform_norm = "lm_head.layer_norm",
                       .decoder = "lm_head.decoder",
                       .bias = "lm_head.bias",
                       .vocabulary = 50265,
                       .padding = static_cast<int>(c.number("pad_token_id", 1))},
                      epsilon(c));
  plan.head.transform_activation = Activation::gelu;
  return plan;
}

/// MPNet: RoBERTa without token types, with a bias over distances.  Song et al. 2020,
/// arXiv:2004.09297.
Plan mpnet(const Config& c, const Weights& w) {
  Plan plan = plan_of(c, w,
                      {.prefix = "mpnet",
                       .q = "attention.attn.q",
                       .k = "attention.attn.k",
                       .v = "attention.attn.v",
                       .o = "attention.attn.o",
                       .attention_norm = "attention.LayerNorm",
                       .transform = "lm_head.dense",
                       .transform_norm = "lm_head.layer_norm",
                       .decoder = "lm_head.decoder",
                       .bias = "lm_head.bias",
                       .vocabulary = 30527,
                       .token_types = false,
                       .padding = 1},
                      epsilon(c));
  plan.head.transform_activation = Activation::gelu;
  const Weights network = w.has("embeddings.word_embeddings.weight") ? w : w / "mpnet";
  const auto buckets = c.count("relative_attention_num_buckets", 32);
  const auto n_heads = c.count("num_attention_heads", 12);
  for (Block& b : plan.decoder.blocks) {
    b.attention.implementation = Attention::Implementation::eager;
    b.attention.position = RelativeBias{
        .table =
            (network / "encoder" / "relative_attention_bias").tensor("weight", {buckets, n_heads}),
        .buckets = 32,  // whatever the table's size
        .max_distance = 128,
        .bidirectional = true};
  }
  return plan;
}

/// DistilBERT: BERT of half the depth, without token types.  Sanh et al. 2019, arXiv:1910.01108.
Plan distilbert(const Config& c, const Weights& w) {
  return plan_of(c, w,
                 {.hidden = "dim",
                  .inner = "hidden_dim",
                  .layers = "n_layers",
                  .heads = "n_heads",
                  .activation = "activation",
                  .prefix = "distilbert",
                  .blocks = "transformer.layer",
                  .q = "attention.q_lin",
                  .k = "attention.k_lin",
                  .v = "attention.v_lin",
                  .o = "attention.out_lin",
                  .attention_norm = "sa_layer_norm",
                  .up = "ffn.lin1",
                  .down = "ffn.lin2",
                  .mlp_norm = "output_layer_norm",
                  .transform = "vocab_transform",
                  .transform_norm = "vocab_layer_norm",
                  .decoder = "vocab_projector",
                  .bias = "vocab_projector.bias",
                  .vocabulary = 30522,
                  .layer_count = 6,
                  .token_types = false},
                 kEps);
}

}  // namespace typecase
