#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

namespace typecase {

/// GPT-J 6B.  Wang and Komatsuzaki 2021, "GPT-J-6B".
///
///     x      = wte[token]
///     x      = (W_o · attention(rope(W_q n), rope(W_k n), W_v n) + fc_out · gelu(fc_in n)) + x
///              n = layer_norm(x), one for both, in each layer
///     logits = W_head · layer_norm(x) + b
///
/// Pairs of neighbours rotate, in the first `rotary_dim` dimensions. Scores stay float32.
Plan gptj(const Config& c, const Weights& root) {
  const auto hidden = c.count("n_embd");
  const auto vocabulary = c.count("vocab_size");
  const auto n_layers = layers(c, "n_layer");
  const auto inner = c.count("n_inner", 4 * hidden);
  const auto [n_heads, kv_heads, head_dim] = heads(c, "n_head", "n_head", "n_embd");
  const double eps = c.positive("layer_norm_epsilon", 1e-5);
  const Activation act = activation(c, "activation_function", "gelu_new");
  const auto rotated = c.count("rotary_dim", 64);
  if (rotated > head_dim || rotated % 2 != 0) {
    c.fail("rotary_dim", "must be even and at most " + std::to_string(head_dim));
  }
  Rope positions = default_rope(static_cast<int>(rotated), 10'000);
  positions.layout = Rope::Layout::interleaved;
  const Sizes s{hidden, inner, vocabulary, n_layers, n_heads, kv_heads, head_dim};
  const Weights w = root / "transformer";

  Plan plan = plan_of(s, w / "wte");
  plan.max_positions = c.count("n_positions", 2048);
  for (std::int64_t i = 0; i < n_layers; ++i) {
    const Weights layer = w / "h" / i;
    const Weights mlp = layer / "mlp";
    Attention attend = attention(layer / "attn", s, false, false, "out_proj");
    attend.position = positions;
    attend.implementation = Attention::Implementation::eager;
    attend.float32_scores = true;

    plan.decoder.blocks.push_back({
        .attention_norm = layer_norm(layer / "ln_1", hidden, eps),
        .attention = std::move(attend),
        .mlp = plain_mlp(mlp / "fc_in", mlp / "fc_out", hidden, inner, act),
        .arrangement = Block::Arrangement::parallel,
        .sum_order = Block::SumOrder::attention_mlp_residual,
    });
  }
  plan.head = {.norm = layer_norm(w / "ln_f", hidden, eps),
               .lm_head = lm_head(root / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", false))};
  plan.head.lm_head.bias = vector(root / "lm_head", "bias", vocabulary);
  return plan;
}

}  // namespace typecase
