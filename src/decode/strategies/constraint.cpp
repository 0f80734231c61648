#include "decode/strategies/constraint.h"

#include "base/checked.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase {
namespace {

bool begins(std::span<const TokenId> head, std::span<const TokenId> whole) {
  return head.size() <= whole.size() && std::equal(head.begin(), head.end(), whole.begin());
}

}  // namespace

Constraint::Constraint(std::vector<Tokens> phrases) : phrases_(std::move(phrases)) {
  bool valid = !phrases_.empty();
  for (std::size_t i = 0; i < phrases_.size(); ++i) {
    longest_ = std::max(longest_, phrases_[i].size());
    valid = valid && !phrases_[i].empty();
    for (std::size_t j = 0; j < phrases_.size(); ++j) {
      valid = valid && (i == j || !begins(phrases_[i], phrases_[j]));
    }
  }
  if (!valid) {
    throw Error(
        Code::invalid_argument,
        "force_words_ids: alternatives must be non-empty lists of ids, none of which begins "
        "another");
  }
}

Tokens Constraint::next(std::span<const TokenId> said) const {
  Tokens out;
  for (const Tokens& phrase : phrases_) {
    if (phrase.size() <= said.size() || !begins(said, phrase)) continue;
    const TokenId token = phrase[said.size()];
    if (std::find(out.begin(), out.end(), token) == out.end()) out.push_back(token);
  }
  return out;
}

bool Constraint::advances(std::span<const TokenId> said, TokenId token) const {
  const Tokens open = next(said);
  return std::find(open.begin(), open.end(), token) != open.end();
}

ConstraintState::ConstraintState(const std::vector<Constraint>& constraints)
    : constraints_(&constraints) {
  TYPECASE_CHECK(!constraints.empty());
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    pending_.push_back(i);
    longest_ = std::max(longest_, constraints[i].longest());
  }
}

ConstraintState::ConstraintState(const std::vector<Constraint>& constraints,
                                 std::span<const TokenId> ids)
    : ConstraintState(constraints) {
  for (const TokenId id : ids) add(id);
}

bool ConstraintState::step(Progress& progress, TokenId token) const {
  const Constraint& constraint = (*constraints_)[progress.constraint];
  if (!constraint.advances(*progress.said, token)) return false;
  progress.said->push_back(token);
  return true;
}

void ConstraintState::add(TokenId token) {
  if (complete_) return;
  if (progress_) {
    if (!step(*progress_, token)) {
      pending_.push_back(progress_->constraint);
      progress_.reset();
      return;
    }
  } else {
    const auto begun = std::find_if(pending_.begin(), pending_.end(), [&](std::size_t i) {
      return (*constraints_)[i].advances({}, token);
    });
    if (begun == pending_.end()) return;
    progress_ = Progress{*begun, std::make_shared<Tokens>(Tokens{token})};
    pending_.erase(begun);
  }
  if (!(*constraints_)[progress_->constraint].next(*progress_->said).empty()) return;
  ++completed_;
  progress_.reset();
  complete_ = pending_.empty();
}

std::size_t ConstraintState::bank() const {
  std::size_t out = completed_ * longest_;
  if (progress_) {
    const std::size_t own = (*constraints_)[progress_->constraint].longest();
    out += longest_ - (own - progress_->said->size());
  }
  return out;
}

Tokens ConstraintState::advancing() const {
  if (progress_) return (*constraints_)[progress_->constraint].next(*progress_->said);
  Tokens out;
  for (const std::size_t i : pending_) {
    const Tokens next = (*constraints_)[i].next({});
    out.insert(out.end(), next.begin(), next.end());
  }
  return out;
}

ConstraintState ConstraintState::followed_by(TokenId token) const {
  ConstraintState out = *this;
  out.add(token);
  return out;
}

}  // namespace typecase
