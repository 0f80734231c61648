#include "models/families/families.h"
#include "models/rope.h"
#include "models/words.h"

#include <typecase/error.h>

namespace typecase {
namespace {

/// `no_rope_layers`, a 1 for each layer that rotates; without it every `no_rope_layer_interval`-th
/// does not.
std::vector<bool> rotated_layers(const Config& c, std::int64_t layers) {
  const auto interval = c.count("no_rope_layer_interval", 4);
  const Json* list = c.find("no_rope_layers");
  if (list != nullptr && (!list->is_array() || static_cast<std::int64_t>(list->size()) < layers)) {
    c.fail("no_rope_layers", "a list of " + std::to_string(layers) + " numbers is needed");
  }
  std::vector<bool> out;
  for (std::int64_t i = 0; i < layers; ++i) {
    if (list == nullptr) {
      out.push_back((i + 1) % interval != 0);
      continue;
    }
    const Json& flag = list->as_array()[static_cast<std::size_t>(i)];
    if (!flag.is_number()) c.fail("no_rope_layers", "expected numbers, found " + flag.dump());
    out.push_back(flag.as_number() != 0);
  }
  return out;
}

}  // namespace

/// SmolLM3.  Llama's network; some layers have no positions at all (NoPE, Kazemnejad et al. 2023,
/// arXiv:2305.19466).
///
///     x      = E[token]
///     x     += W_o · attention(rope?(W_q n), rope?(W_k n), W_v n)     n = rms_norm(x)   ┐ for each
///     x     += W_down (silu(W_gate n) ⊙ W_up n)                       n = rms_norm(x)   ┘ layer
///     logits = W_head · rms_norm(x)
Plan smollm3(const Config& c, const Weights& w) {
  const Sizes s = sizes(c, {.kv_heads = 4});
  const double eps = c.positive("rms_norm_eps", 1e-6);
  const bool attention_bias = c.flag("attention_bias", false);
  const bool mlp_bias = c.flag("mlp_bias", false);
  const Activation act = activation(c, "hidden_act", "silu");
  const Rope positions = rope(c, s.head_dim, {.theta = 2'000'000});
  const auto rotated = rotated_layers(c, s.layers);
  const int width = c.flag("use_sliding_window", false) ? window(c, "sliding_window", 0) : 0;
  const auto windowed = windowed_layers(
      c, s.layers, [&](std::int64_t i) { return !rotated[static_cast<std::size_t>(i)]; });

  Plan plan = plan_of(s, w / "model.embed_tokens");
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "model.layers" / i;
    Attention attend = attention(layer / "self_attn", s, attention_bias, attention_bias);
    if (rotated[static_cast<std::size_t>(i)]) attend.position = positions;
    if (windowed[static_cast<std::size_t>(i)]) attend.window = width;

    plan.decoder.blocks.push_back({
        .attention_norm = rms_norm(layer / "input_layernorm", s.hidden, eps),
        .attention = std::move(attend),
        .mlp_norm = rms_norm(layer / "post_attention_layernorm", s.hidden, eps),
        .mlp = gated_mlp(layer / "mlp", s.hidden, s.inner, act, mlp_bias),
    });
  }
  plan.head = {.norm = rms_norm(w / "model.norm", s.hidden, eps),
               .lm_head = lm_head(w / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", true))};
  return plan;
}

}  // namespace typecase
