#include "decode/softmax.h"

#include "base/checked.h"
#include "decode/scan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

// Why the bits are the same whatever the machine: every step below is one IEEE operation per
// element (fma is one rounding in hardware and in software alike, and contraction is off), and the
// sum is always taken in 16 lanes and then folded in halves, whatever the width of the registers.
// The three versions differ only in what the compiler may use to run it.

namespace typecase {
namespace {

constexpr std::size_t kLanes = 16;
using Lanes = std::array<float, kLanes>;

#define TYPECASE_INLINE __attribute__((always_inline)) inline

constexpr float kRound = 12582912.0f;  // 1.5 · 2²³: adding it rounds to an integer, ties to even

/// e^d = e · 2^q, with q + kRound for q.
struct Scaled {
  float e, shifted;
};

/// Shibata and Petrogalli's SLEEF, the single-precision version within 1 unit.
TYPECASE_INLINE Scaled reduced_exp(float d) {
  const float shifted = d * 1.442695041f + kRound;
  const float q = shifted - kRound;
  float s = std::fma(q, -0.693145751953125f, d);
  s = std::fma(q, -1.428606765330187e-06f, s);
  float poly = 0.000198527617612853646f;
  poly = std::fma(poly, s, 0.00139304355252534151f);
  poly = std::fma(poly, s, 0.00833336077630519867f);
  poly = std::fma(poly, s, 0.0416664853692054749f);
  poly = std::fma(poly, s, 0.166666671633720398f);
  poly = std::fma(poly, s, 0.5f);
  return {std::fma(s * s, poly, s) + 1.0f, shifted};
}

/// e^d for d ≤ 0.
TYPECASE_INLINE float exp_step(float d) {
  // Any number would do for what becomes 0; this one keeps clear of slow subnormal results.
  const auto [e, shifted] = reduced_exp(d < -104.0f ? 0.0f : d);
  // Times 2^q in two factors, because 2^q alone may be too small to be a normal number.
  const std::uint32_t n =
      std::bit_cast<std::uint32_t>(shifted) - std::bit_cast<std::uint32_t>(kRound);
  const std::uint32_t half = static_cast<std::uint32_t>(static_cast<std::int32_t>(n) >> 1);
  const float scaled =
      e * std::bit_cast<float>((half + 127u) << 23) * std::bit_cast<float>((n - half + 127u) << 23);
  return d < -104.0f ? 0.0f : scaled;
}

/// exp_step for d ≥ −86, with its bits: no result is subnormal, so 2^q goes into the exponent.
TYPECASE_INLINE float exp_step_near(float d) {
  const auto [e, shifted] = reduced_exp(d);
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(e) +
                              (std::bit_cast<std::uint32_t>(shifted) << 23));
}

constexpr std::size_t kChunk = kScanChunk;
static_assert(kChunk % kLanes == 0);

/// Adds a chunk to the lanes with vectors of W: in registers, where an array would go through
/// memory.
template <std::size_t W>
TYPECASE_INLINE void add_chunk(const float* e, Lanes& sum) {
  typedef float Floats __attribute__((vector_size(W * sizeof(float))));
  static_assert(sizeof(Floats) == W * sizeof(float));
  Floats lanes[kLanes / W], next;
  std::memcpy(lanes, sum.data(), sizeof lanes);
  for (std::size_t i = 0; i < kChunk; i += kLanes) {
    for (std::size_t j = 0; j < kLanes / W; ++j) {
      std::memcpy(&next, e + i + j * W, sizeof next);
      lanes[j] += next;
    }
  }
  std::memcpy(sum.data(), lanes, sizeof lanes);
}

/// The smallest of a chunk without a NaN.
template <std::size_t W>
TYPECASE_INLINE float least_of_chunk(const float* x) {
  typedef float Floats __attribute__((vector_size(W * sizeof(float))));
  Floats low, next;
  std::memcpy(&low, x, sizeof low);
  for (std::size_t i = W; i < kChunk; i += W) {
    std::memcpy(&next, x + i, sizeof next);
    low = next < low ? next : low;
  }
  std::array<float, W> lows;
  std::memcpy(lows.data(), &low, sizeof low);
  return *std::min_element(lows.begin(), lows.end());
}

/// What there is to scale.
struct Numerators {
  float sum;
  bool gaps;  ///< long stretches are 0
};

/// Writes e^(x_i − top) and sums them; element i joins lane (i + phase) mod 16.
template <std::size_t W>
TYPECASE_INLINE Numerators exp_and_sum(const float* x, float* out, std::size_t n, float top,
                                       std::size_t phase) {
  Lanes sum{};
  bool gaps = false;
  std::size_t i = 0;
  for (; i < n && (i + phase) % kLanes != 0; ++i) {
    out[i] = exp_step(x[i] - top);
    sum[(i + phase) % kLanes] += out[i];
  }
  const float near = std::isnan(top) ? std::numeric_limits<float>::infinity() : top - 86.0f;
  for (; i + kChunk <= n; i += kChunk) {
    if (least_of_chunk<W>(x + i) >= near) {
      for (std::size_t j = i; j < i + kChunk; ++j) out[j] = exp_step_near(x[j] - top);
    } else {
      // Warpers leave long stretches of −∞ behind: zeros, found without an exponential.
      constexpr float kNothing = -110.0f;
      const std::size_t next = next_chunk_above({x, n}, i, top + kNothing);
      std::memset(out + i, 0, (next - i) * sizeof(float));
      gaps = gaps || next > i;
      i = next;
      if (i + kChunk > n) break;
      for (std::size_t j = i; j < i + kChunk; ++j) out[j] = exp_step(x[j] - top);
    }
    add_chunk<W>(out + i, sum);
  }
  for (; i + kLanes <= n; i += kLanes) {
    for (std::size_t j = 0; j < kLanes; ++j) {
      const float e = exp_step(x[i + j] - top);
      out[i + j] = e;
      sum[j] += e;
    }
  }
  for (std::size_t j = 0; i < n; ++i, ++j) {
    out[i] = exp_step(x[i] - top);
    sum[j] += out[i];
  }
  for (std::size_t width = kLanes / 2; width > 0; width /= 2) {
    for (std::size_t j = 0; j < width; ++j) sum[j] += sum[j + width];
  }
  return {sum[0], gaps};
}

TYPECASE_INLINE void multiply(float* x, std::size_t n, float factor) {
  for (std::size_t i = 0; i < n; ++i) x[i] *= factor;
}

Numerators sum_portable(const float* x, float* out, std::size_t n, float top, std::size_t phase) {
  return exp_and_sum<4>(x, out, n, top, phase);
}
void scale_portable(float* x, std::size_t n, float factor) { multiply(x, n, factor); }

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) Numerators sum_avx2(const float* x, float* out, std::size_t n,
                                                        float top, std::size_t phase) {
  return exp_and_sum<8>(x, out, n, top, phase);
}
__attribute__((target("avx512f,avx512dq,avx2,fma"))) Numerators sum_avx512(const float* x,
                                                                           float* out,
                                                                           std::size_t n, float top,
                                                                           std::size_t phase) {
  return exp_and_sum<16>(x, out, n, top, phase);
}
__attribute__((target("avx2,fma"))) void scale_avx2(float* x, std::size_t n, float factor) {
  multiply(x, n, factor);
}
#endif

/// A row shorter than the 16 lanes is added from left to right.
Numerators sum_short(const float* x, float* out, std::size_t n, float top) {
  float sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += out[i] = exp_step(x[i] - top);
  return {sum, false};
}

/// An unevaluated sum of two floats, the second small.
struct Two {
  float hi, lo;
};

/// ln x for normal x > 0, SLEEF's single-precision version within 1 unit: x = m · 2^e with m in
/// [0.75, 1.5), ln m = 2 artanh((m − 1)/(m + 1)) in pairs of floats.
float log_step(float x) {
  if (!(x > 0) || !std::isfinite(x)) return std::log(x);
  const int e = std::ilogb(x * (1.0f / 0.75f));
  const float m = std::ldexp(x, -e), fe = static_cast<float>(e);
  constexpr Two kLn2{0.69314718246459960938f, -1.904654323148236017e-09f};
  const float s0 = kLn2.hi * fe;
  const Two s{s0, std::fma(kLn2.lo, fe, std::fma(kLn2.hi, fe, -s0))};
  const auto add_one = [m](float one) {  // one + m, exactly
    const float sum = one + m, v = sum - one;
    return Two{sum, (one - (sum - v)) + (m - v)};
  };
  const Two n = add_one(-1.0f), d = add_one(1.0f);
  const float t = 1.0f / d.hi, q = n.hi * t;
  const float left = std::fma(-d.lo, t, std::fma(-d.hi, t, 1.0f));
  const Two r{q, std::fma(q, left, std::fma(n.lo, t, std::fma(t, n.hi, -q)))};
  const float r2 = r.hi * r.hi;
  float poly = 0.3027294874f;
  poly = std::fma(poly, r2, 0.3996108174f);
  poly = std::fma(poly, r2, 0.6666694880f);
  const Two twice{r.hi * 2.0f, r.lo * 2.0f};
  const float a = s.hi + twice.hi;
  const Two sum{a, ((s.hi - a) + twice.hi) + s.lo + twice.lo};
  const float y = r2 * r.hi * poly;
  const float b = sum.hi + y;
  return b + (((sum.hi - b) + y) + sum.lo);
}

using Sum = Numerators (*)(const float*, float*, std::size_t, float, std::size_t);

Sum best_sum() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return sum_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return sum_avx2;
#endif
  return sum_portable;
}

const Sum kSum = best_sum();

using Scale = void (*)(float*, std::size_t, float);

Scale best_scale() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return scale_avx2;
#endif
  return scale_portable;
}

const Scale kScale = best_scale();

float largest(std::span<const float> x) { return x[static_cast<std::size_t>(first_greatest(x))]; }

/// Σ e^(x_i − top), the terms in `out`. `first` as softmax() has it.
Numerators exponentials(std::span<const float> x, std::span<float> out, float top,
                        std::size_t first) {
  if (first + x.size() < kLanes) return sum_short(x.data(), out.data(), x.size(), top);
  return kSum(x.data(), out.data(), x.size(), top, first % kLanes);
}

}  // namespace

void softmax(std::span<const float> x, std::span<float> out, std::size_t first) {
  TYPECASE_CHECK(x.size() == out.size());
  if (x.empty()) return;
  const auto [sum, gaps] = exponentials(x, out, largest(x), first);
  const float factor = 1.0f / sum;
  std::size_t i = 0;
  if (gaps) {
    const auto next = [out](std::size_t from) { return next_chunk_above(out, from, 0); };
    for (i = next(0); i + kChunk <= out.size(); i = next(i + kChunk)) {
      kScale(out.data() + i, kChunk, factor);
    }
  }
  kScale(out.data() + i, out.size() - i, factor);
}

Exponentials exponentials(std::span<const float> x, std::span<float> out) {
  TYPECASE_CHECK(x.size() == out.size() && !x.empty());
  const float top = largest(x);
  return {top, exponentials(x, out, top, 0).sum};
}

void log_softmax(std::span<const float> x, std::span<float> out) {
  TYPECASE_CHECK(x.size() == out.size());
  if (x.empty()) return;
  const float top = largest(x);
  std::vector<float> e(x.size());
  const float log_sum = log_step(exponentials(x, e, top, 0).sum);
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = (x[i] - top) - log_sum;
}

}  // namespace typecase
