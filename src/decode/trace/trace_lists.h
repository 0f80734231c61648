#pragma once

#include "decode/strategies/hypothesis_list.h"

#include <typecase/trace.h>

namespace typecase {

/// What a step of the older beam search (hypothesis_list.h) did, told from what went in and out:
/// `open` with the scores `total` [n, V] of their extensions became `next` (whose rows count from
/// `first`) and `list`. `may_finish` as walk() has it.
trace::BeamStep beam_step_of(std::span<const OpenBeam> open, std::span<const float> total,
                             const std::vector<Continuation>& next, std::size_t first,
                             const HypothesisList& list, const EffectiveConfig& config,
                             const std::function<bool(const OpenBeam&)>& may_finish);

}  // namespace typecase
