#pragma once

#include "decode/decode.h"

namespace typecase {

/// The processors a configuration asks for, in the reference's order; the warpers (temperature …)
/// follow the user's own and are built when sampling. `random` is for warpers that draw (XTC).
Processors build_processors(const EffectiveConfig& config, const DecodeInput& input,
                            std::size_t vocabulary, const DecodeHooks& hooks,
                            Generator* random = nullptr);

}  // namespace typecase
