#pragma once

#include "decode/stopping/stop_text.h"

#include <typecase/tokenizer.h>

#include <string>
#include <vector>

namespace typecase {

/// A tokenizer's tokens as stop strings see them.
class TokenizerStopText final : public StopText {
 public:
  explicit TokenizerStopText(const Tokenizer& tokenizer) {
    texts_.reserve(static_cast<std::size_t>(tokenizer.end_id()));
    for (TokenId id = 0; id < tokenizer.end_id(); ++id) {
      texts_.push_back(tokenizer.stop_string_text(id));
    }
  }
  std::size_t vocabulary() const override { return texts_.size(); }
  std::string_view text_of(TokenId id) const override {
    return texts_.at(static_cast<std::size_t>(id));
  }

 private:
  std::vector<std::string> texts_;
};

}  // namespace typecase
