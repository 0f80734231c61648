#include "models/families/families.h"
#include "models/words.h"

#include <cmath>

namespace typecase {

/// GPT-2.  Radford et al. 2019, "Language Models are Unsupervised Multitask Learners".
///
///     x      = wte[token] + wpe[position]
///     x     += c_proj · attention(q, k, v)       (q, k, v) = thirds of c_attn · layer_norm(x)   ┐
///     for x     += c_proj · gelu(c_fc · layer_norm(x)) ┘ each layer logits = W_head ·
///     layer_norm(x)            W_head is wte unless the file has its own
///
/// The matrices are Conv1D: stored as [in, out].
Plan gpt2(const Config& c, const Weights& root) {
  const auto hidden = c.count("n_embd");
  const auto vocabulary = c.count("vocab_size");
  const auto inner = c.count("n_inner", 4 * hidden);
  const auto [n_heads, kv_heads, head_dim] = heads(c, "n_head", "n_head", "n_embd");
  const double eps = c.positive("layer_norm_epsilon", 1e-5);
  const Activation act = activation(c, "activation_function", "gelu_new");
  // Old files name their tensors without the model's own prefix.
  const Weights w = root.has("wte.weight") ? root : root / "transformer";

  const auto n_layers = layers(c, "n_layer");

  Plan plan;
  plan.hidden_size = hidden;
  plan.vocabulary = vocabulary;
  plan.max_positions = c.count("n_positions", 1024);
  plan.decoder.embedding = {.tokens = w.tensor("wte.weight", {vocabulary, hidden}),
                            .positions = w.tensor("wpe.weight", {plan.max_positions, hidden})};

  for (std::int64_t i = 0; i < n_layers; ++i) {
    const Weights layer = w / "h" / i;
    const Weights attn = layer / "attn";
    const Weights mlp = layer / "mlp";
    const Linear c_attn = conv1d(attn / "c_attn", 3 * hidden, hidden);
    double scale = c.flag("scale_attn_weights", true) ? 1 / std::sqrt(double(head_dim)) : 1.0;
    if (c.flag("scale_attn_by_inverse_layer_idx", false)) scale /= static_cast<double>(i + 1);

    plan.decoder.blocks.push_back({
        .attention_norm = layer_norm(layer / "ln_1", hidden, eps),
        .attention = {.q_proj = part(c_attn, 0, hidden),
                      .k_proj = part(c_attn, hidden, hidden),
                      .v_proj = part(c_attn, 2 * hidden, hidden),
                      .o_proj = conv1d(attn / "c_proj", hidden, hidden),
                      .heads = n_heads,
                      .kv_heads = kv_heads,
                      .head_dim = head_dim,
                      .scale = static_cast<float>(scale)},
        .mlp_norm = layer_norm(layer / "ln_2", hidden, eps),
        .mlp = Mlp{.up_proj = conv1d(mlp / "c_fc", inner, hidden),
                   .down_proj = conv1d(mlp / "c_proj", hidden, inner),
                   .activation = act},
    });
  }

  plan.head = {.norm = layer_norm(w / "ln_f", hidden, eps),
               .lm_head = lm_head(root / "lm_head", plan.decoder.embedding.tokens, true)};
  return plan;
}

}  // namespace typecase
