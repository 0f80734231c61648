#pragma once

#include "decode/decode.h"

namespace typecase {

/// Beam search and beam sampling: N open hypotheses per prompt, extended together.
///
/// Of all one-token extensions y·v of the open hypotheses, scored by
///     score(y·v) = score(y) + log p(v | y) ,
/// the best K = max(2, 1 + number of end tokens) · N become candidates (sampling: K draws without
/// replacement from softmax(score)). The best N of those that go on stay open; those among the
/// first N that end compete for a pool of N finished hypotheses by
///     score / length^length_penalty .
/// Lowerre 1976; Graves 2012, arXiv:1211.3711; the length term Wu et al. 2016, arXiv:1609.08144.
///
/// Ranks, ties, the moment of stopping and the filling of short rows are the reference's. All
/// prompts run until the last is done. sequences_scores and beam_indices are always filled.
DecodeOutput beam_search(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                         Generator& random, const DecodeHooks& hooks);

}  // namespace typecase
