#include "engine/self_drafter.h"

#include "base/memory.h"
#include "decode/common_prefix.h"
#include "decode/order.h"
#include "engine/batch_stepper.h"
#include "plan/eight_bits.h"
#include "plan/weight_bytes.h"

#include <algorithm>
#include <utility>

namespace typecase {
std::unique_ptr<DraftCopy> DraftCopy::of(const Plan& plan, const ModelOptions& options) {
  // While it is packed the copy stands there twice, and takes no more than the plan does.
  const auto free = available_memory();
  if (free && *free < 2 * weight_bytes(plan)) return nullptr;
  ThreadPool pool(options.threads);
  EightBits copy = in_eight_bits(plan, pool);
  if (copy.storage.empty()) return nullptr;
  auto out = std::make_unique<DraftCopy>();
  out->executor = make_cpu_executor(copy.plan, {.threads = options.threads, .isa = options.isa});
  out->plan = std::move(copy.plan);
  return out;
}

SelfDrafter::SelfDrafter(std::function<DraftCopy*()> copy, Mask mask, std::size_t max_length)
    : copy_(std::move(copy)),
      mask_(std::move(mask)),
      max_length_(max_length),
      waits_(kPatience + mask_.size() / 8) {}
SelfDrafter::~SelfDrafter() = default;

/// The copy, with the text so far; false where there is none.
bool SelfDrafter::started(const Tokens& ids) {
  if (stepper_ != nullptr || impossible_) return !impossible_;
  DraftCopy* copy = copy_();
  impossible_ = copy == nullptr;
  if (impossible_) return false;
  mask_.resize(ids.size(), 1);
  stepper_ = std::make_unique<BatchStepper>(*copy->executor, copy->plan, std::vector<Tokens>{ids},
                                            std::vector<Mask>{mask_});
  return true;
}

Draft SelfDrafter::draft(const Tokens& ids) {
  // Tokens that somebody else drafted are no reason to begin.
  if (stepper_ == nullptr && asked_at_ > 0) waits_ += 2 * (ids.size() - asked_at_ - 1);
  asked_at_ = ids.size();
  if (waits_ > 0) {
    --waits_;
    return {};
  }
  // The token after a whole draft counts too; and there may be no positions beyond the end.
  const std::size_t most = std::min(most_, max_length_ - std::min(max_length_, ids.size() + 1));
  if (most == 0) return {};
  const bool fresh = stepper_ == nullptr;
  if (!started(ids)) return {};
  std::span<const float> logits;
  if (fresh) {
    logits = stepper_->prefill();
  } else {
    const std::size_t keep = std::min(common_prefix(seen_, ids), ids.size() - 1);
    if (keep < seen_.size()) stepper_->truncate(keep);
    logits = stepper_->catch_up(std::span(ids).subspan(keep));
  }
  seen_ = ids;
  Draft out;
  for (;;) {
    const TokenId next = argmax(logits);
    out.tokens.push_back(next);
    if (out.tokens.size() == most) return out;
    seen_.push_back(next);
    logits = stepper_->step({&next, 1});
  }
}

void SelfDrafter::verified(std::size_t drafted, std::size_t matches) {
  most_ = matches == drafted ? std::min(most_ + 2, kMost) : matches + 1;
  pause_ =
      matches == 0 ? std::min(std::max<std::size_t>(2 * pause_, 1), kLongestPause) : pause_ / 2;
  if (matches == 0) waits_ = pause_;
}

}  // namespace typecase
