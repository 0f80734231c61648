#pragma once

#include <typecase/token.h>

#include <cstddef>
#include <span>

namespace typecase {

/// The small door through which a decoding strategy sees a model: rows that grow by a token a step.
///
/// Calls in order:  prefill (select? step)*.
class Stepper {
 public:
  virtual ~Stepper() = default;

  /// Columns of the logits.
  virtual std::size_t vocabulary() const = 0;

  /// Computes all prompts; the logits of each one's last slot, [prompts, vocabulary], float32.
  /// The span stays good until the next call.
  virtual std::span<const float> prefill() = 0;

  /// From now on row i continues what was row parents[i]. Changes the number of rows; parents may
  /// repeat (forks) or be left out (drops).
  virtual void select(std::span<const std::size_t> parents) = 0;

  /// Appends tokens[i] to row i; the logits that follow, [rows, vocabulary].
  virtual std::span<const float> step(std::span<const TokenId> tokens) = 0;
};

}  // namespace typecase
