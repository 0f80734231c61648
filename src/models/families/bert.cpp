#include "models/bert_network.h"
#include "models/families/families.h"

namespace typecase {

/// BERT.  Devlin et al. 2018, arXiv:1810.04805.
///
///     x      = layer_norm(E[token] + S[0] + P[position])
///     x      = layer_norm(x + W_o · attention(W_q x, W_k x, W_v x))          ┐ for each
///     x      = layer_norm(x + W_2 f(W_1 x))                                  ┘ layer
///     logits = E · layer_norm(f(W x + b)) + b'      of a masked word; without that head: x
///
/// Every token sees every other one.
Plan bert(const Config& c, const Weights& w) {
  return bert_network(c, w,
                      {.prefix = "bert",
                       .transform = "cls.predictions.transform.dense",
                       .transform_norm = "cls.predictions.transform.LayerNorm",
                       .decoder = "cls.predictions.decoder",
                       .bias = "cls.predictions.bias",
                       .vocabulary = 30522},
                      bert_epsilon(c));
}

}  // namespace typecase
