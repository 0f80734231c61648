#include "models/families/families.h"
#include "models/mixture.h"
#include "models/rope.h"
#include "models/words.h"

namespace typecase {

/// Qwen 1.5 MoE, Qwen 2 57B-A14B.  Qwen team 2024, arXiv:2407.10671.
///
/// Qwen 2 with a mixture in place of the MLP:
///     p      = softmax(W_gate n), the `num_experts_per_tok` largest (`norm_topk_prob`: over their
///              sum)
///     x     += Σ_e p_e · mlp_e(n) + sigmoid(w_s · n) · mlp_shared(n)         n = rms_norm(x)
///
/// Layers of `mlp_only_layers`, and all but each `decoder_sparse_step`-th, keep a plain MLP.
Plan qwen2_moe(const Config& c, const Weights& w) {
  const Sizes s = sizes(c, {.kv_heads = 16});
  const double eps = c.positive("rms_norm_eps", 1e-6);
  const bool bias = c.flag("qkv_bias", true);
  const Activation act = activation(c, "hidden_act", "silu");
  const Rope positions = rope(c, s.head_dim);
  const auto inner = c.count("moe_intermediate_size", 1408);
  const auto shared = c.count("shared_expert_intermediate_size", 5632);
  const ExpertCounts experts =
      experts_of(c, "num_experts", "num_experts_per_tok", {.count = 60, .per_token = 4}, s.layers);
  const auto sparse = sparse_layers(c, s.layers);
  const bool windows = c.flag("use_sliding_window", false);
  const int width = windows ? window(c, "sliding_window", 4096) : 0;
  const auto below = c.number("max_window_layers", 28);
  const auto windowed = windowed_layers(c, s.layers, [&](std::int64_t i) {
    return windows && i % 2 == 0 && static_cast<double>(i) < below;
  });

  Plan plan = plan_of(s, w / "model.embed_tokens");
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "model.layers" / i;
    const Weights mlp = layer / "mlp";
    Attention attend = attention(layer / "self_attn", s, bias, false);
    attend.position = positions;
    if (windowed[static_cast<std::size_t>(i)]) attend.window = width;

    Block block{
        .attention_norm = rms_norm(layer / "input_layernorm", s.hidden, eps),
        .attention = std::move(attend),
        .mlp_norm = rms_norm(layer / "post_attention_layernorm", s.hidden, eps),
    };
    if (sparse[static_cast<std::size_t>(i)]) {
      Experts mixture = mixture_of(mlp, experts, s.hidden, inner, act);
      mixture.normalise_top_k = c.flag("norm_topk_prob", false);
      mixture.shared = gated_mlp(mlp / "shared_expert", s.hidden, shared, act);
      mixture.shared_gate = linear(mlp / "shared_expert_gate", 1, s.hidden);
      block.mlp = std::move(mixture);
    } else {
      block.mlp = gated_mlp(mlp, s.hidden, s.inner, act);
    }
    plan.decoder.blocks.push_back(std::move(block));
  }
  plan.head = {.norm = rms_norm(w / "model.norm", s.hidden, eps),
               .lm_head = lm_head(w / "lm_head", plan.decoder.embedding.tokens,
                                  c.flag("tie_word_embeddings", false))};
  return plan;
}

}  // namespace typecase
