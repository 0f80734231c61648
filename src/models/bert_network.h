#pragma once

#include "models/words.h"

#include <cstdint>
#include <string_view>

namespace typecase {

/// How the four families of one network name and number things.
struct BertNames {
  // Keys of config.json.
  std::string_view hidden = "hidden_size", inner = "intermediate_size",
                   layers = "num_hidden_layers", heads = "num_attention_heads",
                   activation = "hidden_act";
  // Weights: the network's prefix, where layers are, and in a layer.
  std::string_view prefix, blocks = "encoder.layer", q = "attention.self.query",
                           k = "attention.self.key", v = "attention.self.value",
                           o = "attention.output.dense",
                           attention_norm = "attention.output.LayerNorm", up = "intermediate.dense",
                           down = "output.dense", mlp_norm = "output.LayerNorm";
  // Weights of the masked-word head.
  std::string_view transform, transform_norm, decoder, bias;
  std::int64_t vocabulary, layer_count = 12;
  bool token_types = true;
  int padding = -1;  ///< ≥ 0: that id, counted out of the positions, which begin behind it
};

/// The network that BERT, RoBERTa, MPNet and DistilBERT share (formula: families/bert.cpp); `eps`
/// is that of its norms. Masked-word logits when the file has that head, else hidden states.
Plan bert_network(const Config& config, const Weights& weights, const BertNames& names, double eps);

/// `layer_norm_eps`.
double bert_epsilon(const Config& config);

}  // namespace typecase
