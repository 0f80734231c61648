#pragma once

#include "decode/decode.h"

namespace typecase {

/// Diverse (group) beam search: N beams in G groups of N/G. At every step the groups choose one
/// after the other, and group g pays for each token that earlier groups of its prompt have taken:
///
///     score(y·v) = score(y) + log p(v | y) − λ · |{beams of groups < g that took v}|
///
/// with λ = diversity_penalty. Each group keeps its own list of finished hypotheses
/// (hypothesis_list.h); the best R of all lists are returned.
/// Vijayakumar et al. 2016, arXiv:1610.02424 (Hamming diversity).
///
/// beam_indices name the flat row b·N + i that each token extended. Throws Error(unsupported) with
/// guidance_scale: the second model would have to run once a group.
DecodeOutput group_beam(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                        const DecodeHooks& hooks);

}  // namespace typecase
