#include "models/families/families.h"
#include "models/words.h"

#include <cmath>
#include <string>

namespace typecase {
namespace {

/// What the three families of one architecture do not share.
struct Variant {
  std::int64_t vocabulary, inner, layers, heads;  // for keys that config.json lacks
  std::string_view feed_forward;
  bool scaled_head;      ///< W_head reads x / √d_model
  bool bias_everywhere;  ///< every block has a bias table of its own
};

/// One stack under construction: the encoder's or the decoder's.
struct T5Stack {
  const Config& c;
  const Variant& variant;
  Weights w;  // "encoder" or "decoder"
  bool decoder;

  std::int64_t hidden = c.count("d_model", 512), inner = c.count("d_ff", variant.inner);
  int n_heads = static_cast<int>(c.count("num_heads", variant.heads));
  int head_dim = static_cast<int>(c.count("d_kv", 64));
  double eps = c.positive("layer_norm_epsilon", 1e-6);

  Attention attention(const Weights& at, Attention::Kind kind) const {
    const std::int64_t width = std::int64_t{n_heads} * head_dim;
    return {.q_proj = linear(at / "q", width, hidden),
            .k_proj = linear(at / "k", width, hidden),
            .v_proj = linear(at / "v", width, hidden),
            .o_proj = linear(at / "o", hidden, width),
            .heads = n_heads,
            .kv_heads = n_heads,
            .head_dim = head_dim,
            .kind = kind};
  }

  RelativeBias bias(std::int64_t layer) const {
    const auto buckets = static_cast<int>(c.count("relative_attention_num_buckets", 32));
    const auto farthest = static_cast<int>(c.count("relative_attention_max_distance", 128));
    if (buckets < 4) c.fail("relative_attention_num_buckets", "at least 4 buckets are needed");
    if (farthest <= buckets / 2) {
      c.fail("relative_attention_max_distance", "must be more than half the number of buckets");
    }
    const Weights at = w / "block" / (variant.bias_everywhere ? layer : 0) / "layer" / 0;
    return {
        .table =
            (at / "SelfAttention" / "relative_attention_bias").tensor("weight", {buckets, n_heads}),
        .buckets = buckets,
        .max_distance = farthest,
        .bidirectional = !decoder};
  }

  Mlp mlp(const Weights& at) const {
    const std::string words = c.text("feed_forward_proj", variant.feed_forward);
    const bool gated = words.starts_with("gated-");
    const Activation f = words == "gated-gelu" ? Activation::gelu_new
                                               : activation_of(c, "feed_forward_proj",
                                                               gated ? words.substr(6) : words);
    if (!gated) {
      return {.up_proj = linear(at / "wi", inner, hidden),
              .down_proj = linear(at / "wo", hidden, inner),
              .activation = f};
    }
    return {.gate_proj = linear(at / "wi_0", inner, hidden),
            .up_proj = linear(at / "wi_1", inner, hidden),
            .down_proj = linear(at / "wo", hidden, inner),
            .activation = f};
  }

  Norm norm(const Weights& layer) const { return rms_norm(layer / "layer_norm", hidden, eps); }

  Stack stack(std::int64_t layers, const Tensor& shared) const {
    Stack out{.embedding = {.tokens = w.has("embed_tokens.weight")
                                          ? w.tensor("embed_tokens.weight", shared.shape)
                                          : shared}};
    for (std::int64_t i = 0; i < layers; ++i) {
      const Weights layer = w / "block" / i / "layer";
      const auto own = decoder ? Attention::Kind::causal : Attention::Kind::bidirectional;
      Block block{.attention_norm = norm(layer / 0),
                  .attention = attention(layer / 0 / "SelfAttention", own),
                  .mlp_norm = norm(layer / (decoder ? 2 : 1)),
                  .mlp = mlp(layer / (decoder ? 2 : 1) / "DenseReluDense")};
      block.attention.position = bias(i);
      // float16 keeps `wo` in float32; from there on the stream is.
      block.float32_sums = i == 0 ? Block::Float32Sums::from_mlp : Block::Float32Sums::all;
      if (decoder) {
        block.cross_attention_norm = norm(layer / 1);
        block.cross_attention = attention(layer / 1 / "EncDecAttention", Attention::Kind::cross);
      }
      out.blocks.push_back(std::move(block));
    }
    return out;
  }
};

Plan plan_of(const Config& c, const Weights& w, const Variant& variant) {
  const T5Stack encoder{c, variant, w / "encoder", false};
  const T5Stack decoder{c, variant, w / "decoder", true};
  const auto n_layers = layers(c, "num_layers", variant.layers);

  Plan plan;
  plan.hidden_size = encoder.hidden;
  plan.vocabulary = c.count("vocab_size", variant.vocabulary);
  plan.position_source = PositionSource::slot;
  const Tensor shared = w.tensor("shared.weight", {plan.vocabulary, plan.hidden_size});
  plan.encoder = encoder.stack(n_layers, shared);
  plan.encoder_norm = rms_norm(encoder.w / "final_layer_norm", plan.hidden_size, encoder.eps);
  plan.decoder = decoder.stack(layers(c, "num_decoder_layers", n_layers), shared);
  plan.head = {.norm = rms_norm(decoder.w / "final_layer_norm", plan.hidden_size, decoder.eps),
               .lm_head = lm_head(w / "lm_head", shared, true)};
  if (variant.scaled_head) {
    plan.head.hidden_scale = static_cast<float>(1 / std::sqrt(double(plan.hidden_size)));
  }
  return plan;
}

}  // namespace

/// T5, Flan-T5.  Raffel et al. 2019, arXiv:1910.10683; gated form: Shazeer 2020, arXiv:2002.05202.
///
///     encoder   x  = E[token]
///               x += W_o · attention(W_q n, W_k n, W_v n) with bias b        n = rms_norm(x) ┐ for
///               x += W_out f(W_in n)   or   W_out (f(W_0 n) ⊙ W_1 n)         n = rms_norm(x) ┘
///               each m  = rms_norm(x) layer
///     decoder   the same, causal, and between the two   x += W_o · attention(W_q n, W_k m, W_v m)
///     logits    = W_head · (rms_norm(x) / √d_model)
///
/// b is a table over distances, layer 0's for all layers. Scores are not divided by √d. Configs
/// that say tie_word_embeddings = false (T5 1.1) leave out the division by √d_model; the head is
/// the embedding all the same, unless the file has its own.
Plan t5(const Config& c, const Weights& w) {
  return plan_of(c, w,
                 {.vocabulary = 32128,
                  .inner = 2048,
                  .layers = 6,
                  .heads = 8,
                  .feed_forward = "relu",
                  .scaled_head = c.flag("tie_word_embeddings", true),
                  .bias_everywhere = false});
}

/// mT5: T5 1.1, never divided by √d_model.  Xue et al. 2020, arXiv:2010.11934.
Plan mt5(const Config& c, const Weights& w) {
  return plan_of(c, w, {250112, 1024, 8, 6, "gated-gelu", false, false});
}

/// umT5: a table of distances for every layer.  Chung et al. 2023, arXiv:2304.09151.
Plan umt5(const Config& c, const Weights& w) {
  return plan_of(c, w, {250112, 1024, 8, 6, "gated-gelu", true, true});
}

}  // namespace typecase
