#pragma once

#include "decode/decode.h"

namespace typecase {

/// Contrastive search: of the k most probable tokens, the one that is probable and does not repeat
/// what the text has already said, measured by hidden states:
///
///     next = argmax_{v ∈ top-k}  (1 − α) · p(v | y)  −  α · max_j cos(h_v, h_j)
///
/// with α = penalty_alpha, k = top_k, h the output of the final norm, j over the visible slots of
/// the text and h_v the state after v itself. Every candidate is computed once; the chosen one's
/// state and logits serve the next step. Su et al. 2022, arXiv:2202.06417.
///
/// A finished row's text is padded, but its cache goes on with the candidate it chose.
DecodeOutput contrastive_search(Stepper& model, const EffectiveConfig& config,
                                const DecodeInput& input, const DecodeHooks& hooks);

}  // namespace typecase
