#pragma once

#include "decode/decode.h"

namespace typecase {

/// DoLa, decoding by contrasting layers: what the last layer knows beyond an early one.
///
///     s = log F − log E      where F ≥ 0.1 · max F ,   −∞ elsewhere ,
///
/// F being the model's distribution and E that of an early layer's hidden state through the head,
/// without the final norm. Among several candidate layers E is the one farthest from F,
///
///     argmax  ½ (KL(A‖F) + KL(A‖E)) ,   A = ½ (F + E) ,
///
/// averaged over all rows. s then goes the way of logits in greedy decoding or sampling.
/// Chuang et al. 2023, arXiv:2309.03883. (The reference's argument order inside KL is kept.)
///
/// "low" and "high" name the even layers of the lower and the upper half.
/// REQUIRES: hooks.layers is the model's number of layers.
DecodeOutput dola(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                  Generator& random, const DecodeHooks& hooks);

/// The candidate layers of a model of `layers` layers. `tied`: head and embedding are one matrix,
/// through which the embedding would only give its own token back.
/// Throws Error(invalid_argument) when none is left.
std::vector<int> dola_candidates(const EffectiveConfig& config, std::size_t layers, bool tied);

}  // namespace typecase
