#pragma once

#include "decode/decode.h"
#include "decode/strategies/assistant.h"
#include "decode/strategies/drafter.h"

#include <memory>
#include <optional>

namespace typecase {

/// Drafts by a model with another tokenizer: the text goes there and the draft comes back as text.
///
/// Only the ends are translated again: from the second round on the last target_lookbehind tokens
/// before the new ones, and of the draft the last assistant_lookbehind. What was there before is
/// found again in the new ids as the longest run of equal ids (splice()).
/// The assistant chooses greedily and stops when it is unsure, as AssistantDrafter does.
class TextBridge final : public Drafter {
 public:
  /// REQUIRES: the arguments outlive this object; hooks.assistant is set and translates.
  TextBridge(const EffectiveConfig& config, const DecodeHooks& hooks);
  Draft draft(const Tokens& ids) override;
  void verified(std::size_t drafted, std::size_t matches) override;
  std::optional<std::size_t> draft_length() const override { return settings_.tokens; }

 private:
  Tokens to_assistant(const Tokens& ids) const;
  Tokens from_assistant(const Tokens& ids, const Tokens& all, std::size_t before) const;
  /// Appends a draft to `ids`.
  void go_on(Tokens& ids);
  std::span<const float> follow(const Tokens& ids);

  const EffectiveConfig& config_;
  const Assistant& assistant_;
  DraftSettings settings_;
  std::size_t target_lookbehind_ = 10, assistant_lookbehind_ = 10;
  std::size_t ids_before_ = 0;  // of the target, in the round before
  Tokens assistant_ids_;        // and the assistant's, its draft included
  std::unique_ptr<Stepper> stepper_;
  Tokens seen_;              // what it holds
  std::size_t started_ = 0;  // how much of that it started with
};

/// How `fresh`, a new translation of the end of a text, continues `old`, the end as it was:
/// they are laid over each other along the longest run of equal ids (the first of the longest).
struct Splice {
  std::size_t stale = 0;  ///< ids at the end of `old` behind the run
  Tokens instead{};       ///< what `fresh` has in their place, at most as many
  Tokens more{};          ///< what follows in `fresh`
};
/// Nothing when they have no id in common.
std::optional<Splice> splice(const Tokens& old, const Tokens& fresh);

}  // namespace typecase
