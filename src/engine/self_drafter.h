#pragma once

#include "backend/backend.h"
#include "decode/strategies/drafter.h"
#include "plan/plan.h"

#include <typecase/model.h>

#include <functional>
#include <memory>
#include <optional>

namespace typecase {

class BatchStepper;

/// A model's copy of fewer bits, packed; made at the first call that drafts with it.
struct DraftCopy {
  Plan plan;
  std::unique_ptr<Executor> executor;

  /// nullptr where memory for it is short, and where no matrix has more bits. Throws what packing
  /// throws.
  static std::unique_ptr<DraftCopy> of(const Plan& plan, const ModelOptions& options);
};

/// Drafts with the model's own copy in eight bits a weight: it says nearly always the same.
///
/// Each drafted token is the copy's greatest. A draft has two tokens more after one that was right
/// to its end (up to kMost), matches + 1 after another; after one that was wrong at once there is
/// none for some tokens, twice as many each time (up to kLongestPause). So what the copy cannot
/// know, such as penalties and the luck of a draw, costs little. The copy has to be made, and to
/// read the prompt: it begins after kPatience tokens and one for every eight of the prompt, about
/// the time that takes, so that short answers do not wait for it, and later where others draft. The
/// rule looks at counts alone, never at time. Zhang et al. 2023, arXiv:2309.08168
/// (self-speculation); Georganas et al. 2025, arXiv:2503.13565 (with a quantised copy).
class SelfDrafter final : public Drafter {
 public:
  static constexpr std::size_t kMost = 7;
  static constexpr std::size_t kLongestPause = 64;
  static constexpr std::size_t kPatience = 32;

  /// `copy` is asked for the copy at the first draft, and may answer nullptr: no drafts. `mask` is
  /// the prompt's; no draft leaves less than one token to max_length.
  SelfDrafter(std::function<DraftCopy*()> copy, Mask mask, std::size_t max_length);
  ~SelfDrafter() override;
  Draft draft(const Tokens& ids) override;
  void verified(std::size_t drafted, std::size_t matches) override;

 private:
  bool started(const Tokens& ids);

  std::function<DraftCopy*()> copy_;
  Mask mask_;
  std::size_t max_length_;
  std::unique_ptr<BatchStepper> stepper_;
  bool impossible_ = false;
  Tokens seen_;  // what the stepper holds
  std::size_t most_ = 3, pause_ = 0, waits_ = 0, asked_at_ = 0;
};

}  // namespace typecase
