#pragma once

#include "engine/loaded_model.h"

#include <vector>

namespace typecase {

/// Model::logits(): every position of every row, [row][position][vocabulary].
std::vector<std::vector<std::vector<float>>> all_logits(
    Model::Parts& model, const std::vector<Tokens>& input_ids,
    const std::vector<Mask>& attention_mask, const std::vector<Tokens>& decoder_input_ids);

}  // namespace typecase
