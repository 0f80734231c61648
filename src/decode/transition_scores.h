#pragma once

#include "decode/decode.h"

namespace typecase {

/// The score each generated token of each sequence had when it was chosen, [sequences][longest]:
///     t-th token of row i:  scores[t][ beam_indices[i][t] ][ token ]
/// without beam_indices row i of every step; 0 where a beam had ended. With `normalize` the scores
/// pass log_softmax first. For beam search, the sum of a row / length^length_penalty is its
/// sequences_scores.
///
/// REQUIRES: `out.scores` was recorded (output_scores).
std::vector<std::vector<float>> transition_scores(const DecodeOutput& out, bool normalize);

}  // namespace typecase
