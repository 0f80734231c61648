#include "models/bert_network.h"
#include "models/families/families.h"

namespace typecase {

/// DistilBERT: BERT of half the depth, without token types.  Sanh et al. 2019, arXiv:1910.01108.
Plan distilbert(const Config& c, const Weights& w) {
  return bert_network(c, w,
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
                      1e-12);
}

}  // namespace typecase
