#pragma once

#include "decode/processor.h"

namespace typecase {

/// Ours, not the reference's.  DRY ("don't repeat yourself"): token i is what continued an earlier
/// occurrence of the row's last tokens; with n the length of the longest such occurrence,
///     s_i ← s_i − multiplier · base^(n − allowed_length)      where n ≥ allowed_length .
/// P. E. Weidmann, "DRY: A modern repetition penalty", text-generation-webui pull request 5677,
/// 2024. As there, n ends at 50.
///
/// A sequence breaker (a newline, a quotation mark, the words of a chat template) ends every match:
/// none reaches over it, and it is never penalised itself. Prompt and generated tokens count; the
/// masked slots in front of a prompt do not.
///
/// Acts after the reference's penalties and n-gram bans, before what forbids or forces.
class Dry : public Processor {
 public:
  struct Options {
    double multiplier = 0.8;
    double base = 1.75;              ///< ≥ 1
    std::size_t allowed_length = 2;  ///< ≥ 1: a repetition this long is penalised by multiplier
    Tokens sequence_breakers{};
  };
  /// `padding[p]` is how many masked slots prompt p starts with.
  Dry(Options options, std::vector<std::size_t> padding);
  std::string_view name() const override { return "dry_multiplier"; }
  void apply(std::span<float> scores, const ScoreRow& row) override;

 private:
  bool breaks(TokenId id) const;
  std::size_t match_length(std::span<const TokenId> ids, std::size_t end) const;

  Options options_;
  std::vector<std::size_t> padding_;  // [prompts]
};

}  // namespace typecase
