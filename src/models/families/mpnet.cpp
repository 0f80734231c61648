#include "models/bert_network.h"
#include "models/families/families.h"

namespace typecase {

/// MPNet: RoBERTa without token types, with a bias over distances.  Song et al. 2020,
/// arXiv:2004.09297.
Plan mpnet(const Config& c, const Weights& w) {
  Plan plan = bert_network(c, w,
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
                           bert_epsilon(c));
  plan.head.transform_activation = Activation::gelu;
  const Weights network = w.has("embeddings.word_embeddings.weight") ? w : w / "mpnet";
  const auto buckets = c.count("relative_attention_num_buckets", 32);
  const auto n_heads = c.count("num_attention_heads", 12);
  if (buckets < 32) c.fail("relative_attention_num_buckets", "32 buckets are always used");
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

}  // namespace typecase
