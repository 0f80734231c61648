#pragma once

#include "decode/processor.h"

namespace typecase {

/// When the row has `length` tokens, the next can only be one of `forced`: they get 0, all others
/// −∞. forced_bos_token_id acts at length 1, forced_eos_token_id at max_length − 1.
/// Throws Error(invalid_argument) for a token that is not in the vocabulary.
class ForcedTokens : public Processor {
 public:
  /// `name` is a literal.
  ForcedTokens(std::string_view name, std::size_t length, Tokens forced)
      : name_(name), length_(length), forced_(std::move(forced)) {}
  std::string_view name() const override { return name_; }
  void apply(std::span<float> scores, const ScoreRow& row) override;

 private:
  std::string_view name_;
  std::size_t length_;
  Tokens forced_;
};

}  // namespace typecase
