#pragma once

#include "decode/processor.h"
#include "decode/softmax.h"

namespace typecase {

/// s ← log_softmax(s), so that scores after the other processors are log-probabilities again.
class Renormalize : public Processor {
 public:
  std::string_view name() const override { return "renormalize_logits"; }
  void apply(std::span<float> scores, const ScoreRow&) override { log_softmax(scores, scores); }
};

}  // namespace typecase
