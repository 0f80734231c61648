#pragma once

#include "decode/decode.h"

#include <span>
#include <vector>

namespace typecase {

/// DecodeHooks::rows_fail_alone: finds rows that cannot be chosen from, so that they end alone.
///
/// A row is at fault when a score is NaN, when all are −∞ (every token is forbidden), or, sampling,
/// when one is +∞. If it was alive it is not any more, and its error goes to `errors`. Rows that
/// are at fault or not alive get scores of 0: they cannot disturb the others, whose random numbers
/// stay what they were. `scores` is [alive.size(), vocabulary].
void end_failed_rows(std::span<float> scores, bool do_sample, std::vector<bool>& alive,
                     std::vector<std::optional<Error>>& errors);

}  // namespace typecase
