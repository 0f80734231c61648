#pragma once

#include "decode/decode.h"
#include "decode/strategies/drafter.h"

#include <memory>

namespace typecase {

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
  std::size_t tokens_ = 20;
  bool adapts_ = false;
  double threshold_ = 0.4;
  std::unique_ptr<Stepper> stepper_;
  Tokens seen_;                       // what the stepper holds
  std::vector<std::uint8_t> masked_;  // and its mask
};

}  // namespace typecase
