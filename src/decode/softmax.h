#pragma once

#include <cstddef>
#include <span>

namespace typecase {

/// p_i = e^(x_i − max x) / Σ_j e^(x_j − max x), with the reference's bits (torch, CPU, float32,
/// AVX-512): its polynomial for e^x, its 16 partial sums (rows
/// shorter than that are added in order), its rounded reciprocal. The result is
/// the same on every machine. `out` may be `x`; a NaN, +∞ or nothing but −∞ makes every p NaN.
///
/// `first` is the index of x[0] in a longer row whose other elements are −∞ and come before it:
/// they add nothing, but they decide which of the 16 partial sums an element joins.
/// REQUIRES: out.size() == x.size().
void softmax(std::span<const float> x, std::span<float> out, std::size_t first = 0);

/// out_i = e^(x_i − top), softmax's numerators, with their bits; `sum` is their sum in this order.
/// `out` may be `x`. A NaN, +∞ or nothing but −∞ makes the sum NaN.   REQUIRES: as softmax().
struct Exponentials {
  float top;
  float sum;
};
Exponentials exponentials(std::span<const float> x, std::span<float> out);

/// ln p_i, computed as (x_i − max x) − ln Σ_j e^(x_j − max x). `out` may be `x`.
void log_softmax(std::span<const float> x, std::span<float> out);

}  // namespace typecase
