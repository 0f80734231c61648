#pragma once

#include <typecase/model.h>

#include <string>
#include <vector>

namespace typecase::cli {

/// Texts as rows of one length.
struct TextRows {
  std::vector<Tokens> input_ids{};
  std::vector<Mask> attention_mask{};
};

/// Tokenises with the tokenizer's defaults. Several texts are padded on the left with its padding
/// token; as in the reference they need one even when no padding is: Error(invalid_argument).
TextRows text_rows(const Tokenizer& tokenizer, const std::vector<std::string>& texts);

}  // namespace typecase::cli
