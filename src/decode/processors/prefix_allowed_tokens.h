#pragma once

#include "decode/processor.h"

#include <functional>

namespace typecase {

/// Cuts every token that the caller's function does not allow after a row.
/// De Cao et al. 2021, arXiv:2010.00904.
///
/// When nothing that is allowed is left in any beam of a prompt, the allowed tokens get score 0.
/// Throws Error(invalid_argument) when the function allows nothing or a token that does not exist.
class PrefixAllowedTokens : public Processor {
 public:
  using Allowed = std::function<Tokens(std::size_t prompt, std::span<const TokenId> ids)>;

  PrefixAllowedTokens(Allowed allowed, std::size_t num_beams)
      : allowed_(std::move(allowed)), num_beams_(num_beams) {}
  std::string_view name() const override { return "prefix_allowed_tokens_fn"; }
  void apply(std::span<float> scores, const ScoreRow& row) override;
  void apply_all(std::span<float> scores, std::span<const ScoreRow> rows) override;

 private:
  std::vector<float> mask_of(std::size_t vocabulary, const ScoreRow& row) const;

  Allowed allowed_;
  std::size_t num_beams_;
};

}  // namespace typecase
