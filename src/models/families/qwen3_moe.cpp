#include "models/families/families.h"
#include "models/mixture.h"
#include "models/rope.h"
#include "models/words.h"

namespace typecase {

/// Qwen 3 30B-A3B, 235B-A22B.  Yang et al. 2025, arXiv:2505.09388.
///
/// Qwen 3 with a mixture in place of the MLP, without a shared expert:
///     p      = softmax(W_gate n), the `num_experts_per_tok` largest (`norm_topk_prob`: over their
///              sum)
///     x     += Σ_e p_e · mlp_e(n)                                            n = rms_norm(x)
///
/// Layers of `mlp_only_layers`, and all but each `decoder_sparse_step`-th, keep a plain MLP.
Plan qwen3_moe(const Config& c, const Weights& w) {
  const Sizes s = sizes(c, {.kv_heads = 4});
  const double eps = c.positive("rms_norm_eps", 1e-6);
  const bool bias = c.flag("attention_bias", false);
  const Activation act = activation(c, "hidden_act", "silu");
  const Rope positions = rope(c, s.head_dim);
  const auto inner = c.count("moe_intermediate_size", 768);
  const ExpertCounts experts =
      experts_of(c, c.has("num_experts") ? "num_experts" : "num_local_experts",
                 "num_experts_per_tok", {.count = 128, .per_token = 8}, s.layers);
  const auto sparse = sparse_layers(c, s.layers);
  const int width = c.flag("use_sliding_window", false) ? window(c, "sliding_window", 4096) : 0;

  Plan plan = plan_of(s, w / "model.embed_tokens");
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const Weights layer = w / "model.layers" / i;
    const Weights self_attn = layer / "self_attn";
    const Weights mlp = layer / "mlp";
    Attention attend = attention(self_attn, s, bias, bias);
    attend.q_norm = rms_norm(self_attn / "q_norm", s.head_dim, eps);
    attend.k_norm = rms_norm(self_attn / "k_norm", s.head_dim, eps);
    attend.position = positions;
    attend.window = width;

    Block block{
        .attention_norm = rms_norm(layer / "input_layernorm", s.hidden, eps),
        .attention = std::move(attend),
        .mlp_norm = rms_norm(layer / "post_attention_layernorm", s.hidden, eps),
    };
    if (sparse[static_cast<std::size_t>(i)]) {
      Experts mixture = mixture_of(mlp, experts, s.hidden, inner, act);
      mixture.normalise_top_k = c.flag("norm_topk_prob", false);
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
