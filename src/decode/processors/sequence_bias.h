#pragma once

#include "decode/effective_config.h"
#include "decode/processor.h"

namespace typecase {

/// Adds a bias to the last token of a sequence of ids when the row ends with the ids before it; a
/// sequence of one id is biased at every step. Biases of several matches add up.
///
/// With −∞ as bias this is bad_words_ids.
class SequenceBiases : public Processor {
 public:
  /// `name` is a literal: "sequence_bias" or "bad_words_ids".
  SequenceBiases(std::string_view name, const std::vector<SequenceBias>& biases,
                 std::size_t vocabulary);
  std::string_view name() const override { return name_; }
  void apply(std::span<float> scores, const ScoreRow& row) override;

 private:
  struct Ending {
    Tokens before;  // what the row must end with
    TokenId last;
    float bias;
  };
  std::string_view name_;
  std::vector<float> always_;    // [vocabulary]
  std::vector<Ending> endings_;  // by length of `before`, in the order in which lengths appear
};

/// The same for words that must not appear.
std::shared_ptr<Processor> bad_words(const std::vector<Tokens>& words, std::size_t vocabulary);

}  // namespace typecase
