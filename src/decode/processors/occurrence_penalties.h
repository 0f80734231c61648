#pragma once

#include "decode/processor.h"

namespace typecase {

/// Ours, not the reference's.  With c_i the times token i has been generated in this row,
///     s_i ← s_i − c_i · frequency − [c_i > 0] · presence .
/// OpenAI's API reference, "frequency and presence penalties". The prompt does not count, so a
/// model may repeat what it was told; padding after the end of a row does not matter.
///
/// Acts after the reference's penalties and n-gram bans, before what forbids or forces.
class OccurrencePenalties : public Processor {
 public:
  /// `prompt_length` slots of every row are the prompt.
  OccurrencePenalties(double presence, double frequency, std::size_t prompt_length)
      : presence_(presence), frequency_(frequency), prompt_length_(prompt_length) {}
  std::string_view name() const override {
    return presence_ == 0 ? "frequency_penalty" : "presence_penalty";
  }
  void apply(std::span<float> scores, const ScoreRow& row) override;

 private:
  double presence_;
  double frequency_;
  std::size_t prompt_length_;
};

}  // namespace typecase
