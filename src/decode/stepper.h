#pragma once

#include <typecase/error.h>
#include <typecase/token.h>

#include <cstddef>
#include <span>
#include <vector>

namespace typecase {

/// What a strategy wants of a model beside the logits.
struct Watched {
  bool hidden = false;            ///< the final norm's output: hidden(), context()
  std::vector<int> early_layers;  ///< hidden state i (0: embeddings) through the head: early(n)
};

/// The small door through which a decoding strategy sees a model: rows that grow by a token a step.
///
/// Calls in order:  watch? prefill (select? step | step_many truncate?)*.
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

  /// Appends tokens[i] to row i; the logits that follow, [rows, vocabulary], which are the caller's
  /// to change until the next call.
  virtual std::span<float> step(std::span<const TokenId> tokens) = 0;

  /// Appends all `tokens` to the only row; the logits after each, [tokens.size(), vocabulary].
  virtual std::span<const float> step_many(std::span<const TokenId> /*tokens*/) { missing(); }

  /// Whether winners() may be asked: it costs less than step_many() then.
  virtual bool finds_winners() const { return false; }
  /// As step_many(), but only the first greatest logit's id after each token.
  virtual std::span<const TokenId> winners(std::span<const TokenId> /*tokens*/) { missing(); }

  /// The only row forgets everything beyond its first `length` tokens, prompt and padding counted.
  /// REQUIRES: length ≥ the prompt's.
  virtual void truncate(std::size_t /*length*/) { missing(); }

  /// What the following calls compute beside logits.
  virtual void watch(const Watched& /*wanted*/) { missing(); }
  /// Of the last step() or prefill(): the new slot of each row, [rows, hidden size].
  virtual std::span<const float> hidden() const { missing(); }
  /// Of the last prefill(): all visible slots of a prompt, [slots, hidden size].
  virtual std::span<const float> context(std::size_t /*prompt*/) const { missing(); }
  /// Of the last step() or prefill(): logits of early_layers[n], [rows, vocabulary].
  virtual std::span<const float> early(std::size_t /*n*/) const { missing(); }

 protected:
  [[noreturn]] static void missing() {
    throw Error(Code::unsupported, "this model cannot do what the decoding strategy needs");
  }
};

}  // namespace typecase
