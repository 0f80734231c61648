#pragma once

#include "decode/cut.h"
#include "decode/processor.h"

namespace typecase {

/// No end-of-sequence token while the row, prompt included, is shorter than `length`.
class MinLength : public Processor {
 public:
  MinLength(std::string_view name, std::size_t length, Tokens eos)
      : name_(name), length_(length), eos_(std::move(eos)) {}
  std::string_view name() const override { return name_; }
  void apply(std::span<float> scores, const ScoreRow& row) override {
    if (row.ids.size() >= length_) return;
    for (const TokenId id : eos_) {
      if (id >= 0 && static_cast<std::size_t>(id) < scores.size()) {
        scores[static_cast<std::size_t>(id)] = kCut;
      }
    }
  }

 private:
  std::string_view name_;  // a literal: "min_length" or "min_new_tokens"
  std::size_t length_;
  Tokens eos_;
};

}  // namespace typecase
