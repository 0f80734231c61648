#pragma once

#include "decode/decode.h"

namespace typecase {

class Drafter;

/// Greedy decoding and sampling of one text, several tokens a step where `drafter` guesses them.
///
///     draft x_1 … x_c ;  one step gives the logits after the text, after x_1, …, after x_c
///     t_i = the token that sample() chooses from the i-th of them ;  on to i + 1 while t_i = x_i
///
/// What sample() does for a token is done for every token that stays, in the same order, and for no
/// other: processors, random numbers, stops, events and records are those of sample(). As the
/// logits of a row do not depend on the other rows of a step, the text is the same too.
///
/// Where nobody looks at scores and a greedy choice needs none, the model is asked only for the
/// greatest (Stepper::winners).
///
/// REQUIRES: one prompt, one sequence of it. `drafter` may be nullptr.
DecodeOutput one_text(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                      Generator& random, const DecodeHooks& hooks, Drafter* drafter);

}  // namespace typecase
