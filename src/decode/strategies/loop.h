#pragma once

#include "decode/decode.h"
#include "decode/stopping/stopping.h"

namespace typecase {

/// What every strategy that is a class holds: the model, what was asked for, when to stop, and the
/// answer so far. The arguments outlive it.
class Loop {
 protected:
  Loop(Stepper& model, const EffectiveConfig& config, const DecodeHooks& hooks)
      : model_(model), config_(config), hooks_(hooks), stopping_(config, hooks) {}

  /// Whether the caller wants no more; the answer says so.
  bool interrupted() {
    out_.interrupted = hooks_.should_stop && hooks_.should_stop();
    return out_.interrupted;
  }

  Stepper& model_;
  const EffectiveConfig& config_;
  const DecodeHooks& hooks_;
  Stopping stopping_;
  DecodeOutput out_;
};

}  // namespace typecase
