#pragma once

#include "backend/reference/table.h"

namespace typecase::reference {

/// softmax(scores) · values with the reference's eager rounding: p = r(softmax), o = r(p·v).
/// `value(slot)` is the row of slot; scores may hold −∞. Returns false (out untouched) when all do.
struct Weighted {
  std::span<const float> scores;  // one per slot
  const float* values;            // slot s at values + s · stride
  std::size_t stride;
};

/// Probabilities of `scores` and one optional sink score, rounded.
std::vector<float> softmax(std::span<const float> scores, const float* sink, Rounding r);

/// The reference's fused kernel: float32 plans use an ordinary exponential; in bfloat16 and float16
/// keys go in blocks of 512, exponentials are an approximation, their sum is not rounded but
/// the factors of v are, and blocks are merged by exp(old max − new max).
void fused_attention(const Weighted& w, std::span<float> out, const float* sink, Rounding r);

/// The fused kernel's exponential, good to 1 in 10⁴: 2^t with a cubic in the fraction of t.
float approximate_exp(float x) noexcept;

}  // namespace typecase::reference
