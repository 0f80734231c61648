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

/// The first drafter's drafts where they are long enough to be better than any of the second's.
class FirstOf final : public Drafter {
 public:
  /// REQUIRES: both outlive this.
  FirstOf(Drafter& first, std::size_t enough, Drafter& second)
      : first_(first), second_(second), enough_(enough) {}
  Draft draft(const Tokens& ids) override {
    Draft out = first_.draft(ids);
    by_first_ = out.tokens.size() >= enough_;
    return by_first_ ? out : second_.draft(ids);
  }
  void verified(std::size_t drafted, std::size_t matches) override {
    (by_first_ ? first_ : second_).verified(drafted, matches);
  }

 private:
  Drafter& first_;
  Drafter& second_;
  std::size_t enough_;
  bool by_first_ = false;
};

}  // namespace typecase
