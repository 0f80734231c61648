#pragma once

#include "decode/decode.h"
#include "decode/strategies/drafter.h"

#include <algorithm>
#include <memory>

namespace typecase {

/// What an assistant's own configuration says about its drafts.
struct DraftSettings {
  explicit DraftSettings(const GenerationConfig& config);
  std::size_t tokens = 20;  ///< num_assistant_tokens
  bool adapts = false;      ///< num_assistant_tokens_schedule
  double threshold = 0.4;   ///< assistant_confidence_threshold

  /// The heuristic schedules: two more tokens when all were right, one less when not.
  void adapt(bool all_right) {
    tokens = all_right ? tokens + 2 : std::max<std::size_t>(1, tokens - 1);
  }
};

/// Drafts by a smaller model with the same vocabulary (or by the model's own first layers): it goes
/// on from the text for up to num_assistant_tokens tokens, and stops after one that it gave less
/// probability than assistant_confidence_threshold, or at an end token.
///
/// Its own configuration sets these numbers; how a token is chosen is the target's. As in the
/// reference, the warpers of sampling act twice on a draft, and a pad token in the text that is not
/// an end token is masked. Leviathan et al. 2022, arXiv:2211.17192.
class AssistantDrafter final : public Drafter {
 public:
  /// REQUIRES: the arguments outlive this object; hooks.assistant is set; `processors` are the
  /// target's.
  AssistantDrafter(const EffectiveConfig& config, const DecodeInput& input, Generator& random,
                   const DecodeHooks& hooks, const Processors& processors);
  Draft draft(const Tokens& ids) override;
  void verified(std::size_t drafted, std::size_t matches) override;
  std::optional<std::size_t> draft_length() const override { return settings_.tokens; }

 private:
  Processors chain(std::size_t length, std::size_t count) const;
  std::vector<std::uint8_t> mask_of(const Tokens& ids) const;
  /// The assistant has computed `ids`: the logits that follow.
  std::span<const float> follow(const Tokens& ids);

  const EffectiveConfig& config_;
  const DecodeInput& input_;
  Generator& random_;
  const Assistant& assistant_;
  const Processors& processors_;
  DraftSettings settings_;
  std::unique_ptr<Stepper> stepper_;
  Tokens seen_;                       // what the stepper holds
  std::vector<std::uint8_t> masked_;  // and its mask
};

}  // namespace typecase
