#pragma once

#include <typecase/token.h>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace typecase {

/// Tokens somebody guesses, for the model to check.
struct Draft {
  Tokens tokens{};
  std::vector<float> scores{};  ///< [tokens, V] they were chosen from; empty: not known
};

/// Guesses how a text goes on.
class Drafter {
 public:
  virtual ~Drafter() = default;
  /// What may follow `ids`; empty: no guess.
  virtual Draft draft(const Tokens& ids) = 0;
  /// The model agreed with the first `matches` of the last `drafted` tokens.
  virtual void verified(std::size_t /*drafted*/, std::size_t /*matches*/) {}
  /// How many tokens it would draft next, where that adapts.
  virtual std::optional<std::size_t> draft_length() const { return std::nullopt; }
};

}  // namespace typecase
