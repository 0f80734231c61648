#pragma once

#include "decode/decode.h"

namespace typecase {

/// Greedy decoding and sampling, the loop of one beam:
///
///     s = processors(ids, logits)
///     next = argmax s        or        next ~ softmax(s)
///
/// for all rows at once until each is finished. A finished row receives the pad token when there
/// are end tokens, and goes on otherwise; it is computed and drawn for in any case.
DecodeOutput sample(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                    Generator& random, const DecodeHooks& hooks);

}  // namespace typecase
