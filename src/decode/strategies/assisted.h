#pragma once

#include "decode/decode.h"

namespace typecase {

/// Assisted (speculative) decoding: somebody drafts tokens, the model checks them all in one pass.
///
///     greedy, or no draft scores:  t_i = argmax s_i  or  t_i ~ softmax(s_i); the drafted tokens
///         are accepted while they equal t_i, then the first differing t_i
///     sampling with draft scores:  q = softmax(draft), p = softmax(s); x_i is accepted while
///         r_i ≤ p_i(x_i) / q_i(x_i) , r_i uniform; then one token from (p − q)₊, normalised, or
///         from p after a whole draft
///
/// Either way the text is distributed as without drafts; greedy text is the same text.
/// Leviathan et al. 2022, arXiv:2211.17192; Chen et al. 2023, arXiv:2302.01318. With
/// assistant_ensemble_weight w the test uses 1 − w + w·p/q (greedy: argmax of w·p + (1 − w)·q).
///
/// Drafts come from prompt lookup, or from hooks.assistant. One prompt.
DecodeOutput assisted(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                      Generator& random, const DecodeHooks& hooks);

}  // namespace typecase
