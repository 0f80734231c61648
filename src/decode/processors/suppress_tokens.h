#pragma once

#include "decode/cut.h"
#include "decode/processor.h"

#include <optional>

namespace typecase {

/// Tokens that are never chosen or, with `only_at`, not when the row has just that length
/// (begin_suppress_tokens: the first new token).
class SuppressTokens : public Processor {
 public:
  SuppressTokens(Tokens tokens, std::optional<std::size_t> only_at)
      : tokens_(std::move(tokens)), only_at_(only_at) {}
  std::string_view name() const override {
    return only_at_ ? "begin_suppress_tokens" : "suppress_tokens";
  }
  void apply(std::span<float> scores, const ScoreRow& row) override {
    if (only_at_ && row.ids.size() != *only_at_) return;
    for (const TokenId id : tokens_) {
      if (id >= 0 && static_cast<std::size_t>(id) < scores.size()) {
        scores[static_cast<std::size_t>(id)] = kCut;
      }
    }
  }

 private:
  Tokens tokens_;
  std::optional<std::size_t> only_at_;
};

}  // namespace typecase
