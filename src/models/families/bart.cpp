#include "models/families/families.h"
#include "models/words.h"

#include <cmath>
#include <string>

namespace typecase {
namespace {

/// What the two families of one architecture do not share.
struct Variant {
  std::int64_t vocabulary;  // for a config.json without vocab_size
  bool sinusoidal;          ///< positions are computed, and the embedding has no norm
};

/// One stack under construction: the encoder's or the decoder's.
struct BartStack {
  const Config& c;
  const Variant& variant;
  Weights w;
  std::string side;  // "encoder" or "decoder", as the config's keys begin

  std::int64_t hidden = c.count("d_model", 1024);
  std::int64_t inner = c.count(side + "_ffn_dim", 4096);
  int n_heads = static_cast<int>(c.count(side + "_attention_heads", 16));
  std::int64_t max_positions = c.count("max_position_embeddings", 1024);

  Attention attention(const Weights& at, Attention::Kind kind) const {
    const auto head_dim = static_cast<int>(hidden / n_heads);
    if (hidden % n_heads != 0) {
      c.fail(side + "_attention_heads", std::to_string(n_heads) + " heads do not divide d_model");
    }
    return {.q_proj = linear(at / "q_proj", hidden, hidden, true),
            .k_proj = linear(at / "k_proj", hidden, hidden, true),
            .v_proj = linear(at / "v_proj", hidden, hidden, true),
            .o_proj = linear(at / "out_proj", hidden, hidden, true),
            .heads = n_heads,
            .kv_heads = n_heads,
            .head_dim = head_dim,
            .scale = static_cast<float>(1 / std::sqrt(double(head_dim))),
            .kind = kind};
  }

  Norm norm(const Weights& at) const { return layer_norm(at, hidden, 1e-5); }

  Embedding embedding(const Tensor& shared) const {
    Embedding e{.tokens = w.has("embed_tokens.weight")
                              ? w.tensor("embed_tokens.weight", shared.shape)
                              : shared};
    if (c.flag("scale_embedding", false)) e.scale = static_cast<float>(std::sqrt(double(hidden)));
    if (variant.sinusoidal && !w.has("embed_positions.weight")) {
      e.sinusoids = max_positions;
      return e;
    }
    // The first two rows were meant for padding and are never used.
    e.position_offset = variant.sinusoidal ? 0 : 2;
    e.positions = w.tensor("embed_positions.weight", {max_positions + e.position_offset, hidden});
    if (!variant.sinusoidal) e.norm = norm(w / "layernorm_embedding");
    return e;
  }

  Stack stack(const Tensor& shared) const {
    Stack out{.embedding = embedding(shared)};
    const bool decoder = side == "decoder";
    const auto own = decoder ? Attention::Kind::causal : Attention::Kind::bidirectional;
    const auto n_layers = layers(c, side + "_layers", 12);
    for (std::int64_t i = 0; i < n_layers; ++i) {
      const Weights layer = w / "layers" / i;
      Block block{.attention_norm = norm(layer / "self_attn_layer_norm"),
                  .attention = attention(layer / "self_attn", own),
                  .mlp_norm = norm(layer / "final_layer_norm"),
                  .mlp = Mlp{.up_proj = linear(layer / "fc1", inner, hidden, true),
                             .down_proj = linear(layer / "fc2", hidden, inner, true),
                             .activation = activation(c, "activation_function", "gelu")},
                  .post_norm = true};
      if (decoder) {
        block.cross_attention_norm = norm(layer / "encoder_attn_layer_norm");
        block.cross_attention = attention(layer / "encoder_attn", Attention::Kind::cross);
      }
      out.blocks.push_back(std::move(block));
    }
    return out;
  }
};

Plan plan_of(const Config& c, const Weights& w, const Variant& variant) {
  const Weights model = w / "model";
  const BartStack encoder{c, variant, model / "encoder", "encoder"};
  const BartStack decoder{c, variant, model / "decoder", "decoder"};

  Plan plan;
  plan.hidden_size = encoder.hidden;
  plan.vocabulary = c.count("vocab_size", variant.vocabulary);
  plan.max_positions = encoder.max_positions;
  plan.position_source = PositionSource::slot;
  const Tensor shared = model.tensor("shared.weight", {plan.vocabulary, plan.hidden_size});
  plan.encoder = encoder.stack(shared);
  plan.decoder = decoder.stack(shared);
  plan.head.lm_head = lm_head(w / "lm_head", shared, true);
  if (w.has("final_logits_bias")) {
    plan.head.lm_head.bias = {.stored = w.tensor("final_logits_bias", {1, plan.vocabulary})};
  }
  return plan;
}

}  // namespace

/// BART.  Lewis et al. 2019, arXiv:1910.13461.
///
///     encoder   x  = layer_norm(E[token] + P[position + 2])
///               x  = layer_norm(x + W_o · attention(W_q x, W_k x, W_v x))              ┐ for each
///               x  = layer_norm(x + W_2 f(W_1 x))            m = the last layer's x    ┘ layer
///     decoder   the same, causal, and between the two
///               x  = layer_norm(x + W_o · attention(W_q x, W_k m, W_v m))
///     logits    = E x + b
Plan bart(const Config& c, const Weights& w) {
  return plan_of(c, w, {.vocabulary = 50265, .sinusoidal = false});
}

/// Marian, the OPUS translators: BART's network with E[token] · √d_model + sinusoids, not normed.
/// Junczys-Dowmunt et al. 2018, arXiv:1804.00344.
Plan marian(const Config& c, const Weights& w) {
  if (!c.flag("share_encoder_decoder_embeddings", true)) {
    c.fail_unsupported("share_encoder_decoder_embeddings",
                       "two vocabularies, one for each language, cannot be run");
  }
  return plan_of(c, w, {.vocabulary = 58101, .sinusoidal = true});
}

}  // namespace typecase
