#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

namespace typecase {

/// StarCoder 2.  Lozhkov et al. 2024, arXiv:2402.19173.
///
///     x      = E[token]
///     x     += W_o · attention(rope(W_q n), rope(W_k n), W_v n)       n = layer_norm(x) ┐ for each
///     x     += W_proj gelu(W_fc n)                                    n = layer_norm(x) ┘ layer
///     logits = E · layer_norm(x)                                      biases everywhere
Plan starcoder2(const Config& c, const Weights& w) {
  const Sizes s = sizes(c, {.kv_heads = 2});
  const double eps = c.positive("norm_epsilon", 1e-5);
  const bool bias = c.flag("use_bias", true);
  const Activation act = activation(c, "hidden_act", "gelu_pytorch_tanh");
  const Rope positions = rope(c, s.head_dim);
  const int keys_seen = window(c, "sliding_window", 0);

  Plan plan = plan_of(s, w / "model.embed_tokens");
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "model.layers" / i;
    const Weights mlp = layer / "mlp";
    Attention attend = attention(layer / "self_attn", s, bias, bias);
    attend.position = positions;
    attend.window = keys_seen;

    plan.decoder.blocks.push_back({
        .attention_norm = layer_norm(layer / "input_layernorm", s.hidden, eps),
        .attention = std::move(attend),
        .mlp_norm = layer_norm(layer / "post_attention_layernorm", s.hidden, eps),
        .mlp = plain_mlp(mlp / "c_fc", mlp / "c_proj", s.hidden, s.inner, act, bias),
    });
  }
  plan.head = {.norm = layer_norm(w / "model.norm", s.hidden, eps),
               .lm_head = lm_head(w / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", true))};
  return plan;
}

}  // namespace typecase
