#pragma once

#include "decode/decode.h"

namespace typecase {

/// Constrained beam search: the returned texts contain every constraint (constraint.h), if the
/// beams manage it before the length ends.
///
/// To the N continuations of an ordinary beam step come, for every open row and every token that
/// would advance a constraint, the row with that token. All are sorted into banks by how much of
/// the constraints they have met, and the next N rows are taken from the banks in turn, the best of
/// each first:
///
///     1st of the fullest bank, 1st of the next, …, 2nd of the fullest, …
///
/// Only a hypothesis that has met all constraints may finish.
/// Anderson et al. 2017, arXiv:1612.00576; Post and Vilar 2018, arXiv:1804.06609 (the banks).
DecodeOutput constrained_beam(Stepper& model, const EffectiveConfig& config,
                              const DecodeInput& input, const DecodeHooks& hooks);

}  // namespace typecase
