#include "models/bert_network.h"
#include "models/families/families.h"

namespace typecase {

/// RoBERTa: BERT, its positions counted from behind the padding id.  Liu et al. 2019,
/// arXiv:1907.11692.
Plan roberta(const Config& c, const Weights& w) {
  Plan plan = bert_network(c, w,
                           {.prefix = "roberta",
                            .transform = "lm_head.dense",
                            .transform_norm = "lm_head.layer_norm",
                            .decoder = "lm_head.decoder",
                            .bias = "lm_head.bias",
                            .vocabulary = 50265,
                            .padding = static_cast<int>(c.number("pad_token_id", 1))},
                           bert_epsilon(c));
  plan.head.transform_activation = Activation::gelu;
  return plan;
}

}  // namespace typecase
