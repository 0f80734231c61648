#pragma once

#include "decode/decode.h"

#include <span>
#include <vector>

namespace typecase {

/// Each row `times` times in place: a, a, b, b.
std::vector<Tokens> repeated(const std::vector<Tokens>& rows, std::size_t times);

/// Computes the prompts once, then makes `times` rows of each; their logits, [prompts · times, V].
std::vector<float> prefill_repeated(Stepper& model, std::size_t prompts, std::size_t times);

/// Runs the processors over all rows; row i continues prompt i / rows_per_prompt.
void process(const Processors& processors, std::span<float> scores,
             const std::vector<Tokens>& sequences, std::size_t rows_per_prompt);

/// Appends the rows of this step to `steps` when the caller asked for them (`wanted`).
void record_step(const EffectiveConfig& config, std::span<const float> rows, std::size_t vocabulary,
                 std::vector<std::vector<std::vector<float>>>& steps, bool wanted);

}  // namespace typecase
