#pragma once

#include "text/normalizers/normalizer.h"

#include <optional>

namespace typecase {

/// What BERT does to text before cutting it, in this order. Named as in tokenizer.json.
struct BertNormalizerOptions {
  bool clean_text = true;               ///< drops controls, turns white space into spaces
  bool handle_chinese_chars = true;     ///< a space on both sides of an ideograph
  std::optional<bool> strip_accents{};  ///< decomposes and drops marks; unset: as lowercase
  bool lowercase = true;
};

std::unique_ptr<Normalizer> make_bert_normalizer(const BertNormalizerOptions& options);

}  // namespace typecase
