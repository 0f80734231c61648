#pragma once

#include "decode/stepper.h"

#include <span>
#include <utility>
#include <vector>

namespace typecase {

/// A model that is a table: the logits of the next token are a function of the last token alone.
/// For tests and small worlds that can be checked by hand.
class TableModel : public Stepper {
 public:
  /// `logits[t]` are the scores of what follows token t; `prompts` the rows to continue.
  TableModel(std::vector<std::vector<float>> logits, const std::vector<Tokens>& prompts)
      : table_(std::move(logits)) {
    for (const Tokens& prompt : prompts) last_.push_back(prompt.back());
  }
  std::size_t vocabulary() const override { return table_.front().size(); }
  std::span<const float> prefill() override { return look_up(); }
  void select(std::span<const std::size_t> parents) override {
    Tokens next;
    for (const std::size_t p : parents) next.push_back(last_.at(p));
    last_ = std::move(next);
  }
  std::span<float> step(std::span<const TokenId> tokens) override {
    last_.assign(tokens.begin(), tokens.end());
    return look_up();
  }
  std::span<const float> step_many(std::span<const TokenId> tokens) override {
    last_.assign(tokens.begin(), tokens.end());
    look_up();
    last_ = {tokens.back()};
    return out_;
  }
  void truncate(std::size_t /*length*/) override {}  // the next token says it all

 private:
  std::span<float> look_up() {
    out_.clear();
    for (const TokenId t : last_) {
      const auto& row = table_.at(static_cast<std::size_t>(t));
      out_.insert(out_.end(), row.begin(), row.end());
    }
    return out_;
  }
  std::vector<std::vector<float>> table_;
  Tokens last_;
  std::vector<float> out_;
};

}  // namespace typecase
