#pragma once

#include <typecase/token.h>

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace typecase {

/// What a text must contain: one of several phrases (of one, mostly). No phrase begins another.
class Constraint {
 public:
  /// Throws Error(invalid_argument) for an empty list or phrase, or a phrase that begins another
  /// one (`force_words_ids` is named).
  explicit Constraint(std::vector<Tokens> phrases);

  std::size_t longest() const { return longest_; }
  /// The tokens that continue `said`, in the order in which the phrases name them.
  Tokens next(std::span<const TokenId> said) const;
  bool advances(std::span<const TokenId> said, TokenId token) const;

 private:
  std::vector<Tokens> phrases_;
  std::size_t longest_ = 0;
};

/// How far a row of tokens has come with all constraints.
///
/// Constraints are met one after the other. A token that does not go on with the one in progress
/// puts that one back, empty, at the end of the pending ones, and is not tried with another; with
/// none in progress the first pending one that it begins is taken up. After the last constraint
/// nothing counts any more.
class ConstraintState {
 public:
  /// REQUIRES: `constraints` outlives the state and is not empty.
  explicit ConstraintState(const std::vector<Constraint>& constraints);
  /// The state after `ids`.
  ConstraintState(const std::vector<Constraint>& constraints, std::span<const TokenId> ids);

  void add(TokenId token);
  bool complete() const { return complete_; }
  /// Progress: completed constraints, and the steps into the one in progress, in tokens.
  std::size_t bank() const;
  /// Every token that would advance a constraint; one that advances two stands twice.
  Tokens advancing() const;
  /// The state with `token` added. As in the reference, states made so from one state share the
  /// words said in an alternative that is in progress: what one adds, the others have said too.
  ConstraintState followed_by(TokenId token) const;

 private:
  struct Progress {
    std::size_t constraint;
    std::shared_ptr<Tokens> said;
  };
  bool step(Progress& progress, TokenId token) const;

  const std::vector<Constraint>* constraints_;
  std::size_t longest_ = 0;
  std::size_t completed_ = 0;
  std::vector<std::size_t> pending_;
  std::optional<Progress> progress_;
  bool complete_ = false;
};

}  // namespace typecase
