#include "decode/scan.h"

#include "base/checked.h"
#include "base/target.h"
#include "decode/cut.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace typecase {
namespace {

constexpr std::size_t kChunk = kScanChunk;
constexpr std::size_t kPairs = 16;

struct Passes {
  std::size_t (*first_greatest)(const float*, std::size_t);
  std::size_t (*chunk_above)(const float*, std::size_t, std::size_t, float);
  std::size_t (*gather)(const float*, const float*, std::size_t, float, float, float*, float*);
  Probabilities (*check)(const float*, std::size_t, float);
  void (*divide)(float*, std::size_t, float);
  std::size_t (*group_faster)(const float*, const std::uint32_t*, std::size_t, std::size_t, float);
  void (*add_below)(const float*, const float*, std::size_t, const float*, Below&);
  void (*cut_below)(float*, std::size_t, float);
  void (*cut_scaled)(float*, const float*, std::size_t, float, float);
};

namespace portable {
constexpr std::size_t kWidth = 4;
#define TYPECASE_EVEN 0, 2, 4, 6
#include "decode/scan.inc.h"
#undef TYPECASE_EVEN
}  // namespace portable

#if defined(__x86_64__)
TYPECASE_TARGET("avx2,fma")
namespace avx2 {
constexpr std::size_t kWidth = 8;
#define TYPECASE_EVEN 0, 2, 4, 6, 8, 10, 12, 14
#define TYPECASE_FMA(a, b, c) (Floats) _mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c))
#define TYPECASE_ANY(mask) (_mm256_testz_si256((__m256i)(mask), (__m256i)(mask)) == 0)
#include "decode/scan.inc.h"
#undef TYPECASE_ANY
#undef TYPECASE_FMA
#undef TYPECASE_EVEN
}  // namespace avx2
TYPECASE_TARGET_END

TYPECASE_TARGET("avx2,fma,avx512f,avx512dq,avx512bw,avx512vl")
namespace avx512 {
constexpr std::size_t kWidth = 16;
#define TYPECASE_EVEN 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define TYPECASE_FMA(a, b, c) (Floats) _mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c))
#define TYPECASE_ANY(mask) (_mm512_test_epi32_mask((__m512i)(mask), (__m512i)(mask)) != 0)
#include "decode/scan.inc.h"
#undef TYPECASE_ANY
#undef TYPECASE_FMA
#undef TYPECASE_EVEN
}  // namespace avx512
TYPECASE_TARGET_END
#endif

const Passes& best_passes() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
    return avx512::kPasses;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::kPasses;
#endif
  return portable::kPasses;
}

const Passes kBest = best_passes();

std::size_t whole_chunks(std::size_t n) { return n - n % kChunk; }

}  // namespace

std::int32_t first_greatest(std::span<const float> x) {
  TYPECASE_CHECK(!x.empty());
  const std::size_t whole = whole_chunks(x.size());
  std::size_t best = whole == 0 ? 0 : kBest.first_greatest(x.data(), whole);
  const bool nan = whole != 0 && best == whole;
  if (nan) best = 0;
  for (std::size_t i = nan ? 0 : whole; i < x.size(); ++i) {
    if (std::isnan(x[i])) return static_cast<std::int32_t>(i);
    if (x[i] > x[best]) best = i;
  }
  return static_cast<std::int32_t>(best);
}

std::size_t first_above(std::span<const float> x, std::size_t from, float least) {
  const auto above = [&](float v) { return !(v <= least); };
  // What is left of this chunk first: where many are above, most searches end here.
  const std::size_t near = std::min(x.size(), from + kChunk / 4);
  for (; from < near; ++from) {
    if (above(x[from])) return from;
  }
  from = kBest.chunk_above(x.data(), from, x.size(), least);
  while (from < x.size() && !above(x[from])) ++from;
  return from;
}

std::size_t next_chunk_above(std::span<const float> x, std::size_t from, float least) {
  return kBest.chunk_above(x.data(), from, x.size(), least);
}

void gather(std::span<const float> x, std::span<const float> e, float low, float high,
            std::vector<float>& xs, std::vector<float>& es, std::size_t most) {
  TYPECASE_CHECK(x.size() == e.size());
  xs.resize(most + kPairs);
  es.resize(most + kPairs);
  const std::size_t whole = whole_chunks(x.size());
  std::size_t count = kBest.gather(x.data(), e.data(), whole, low, high, xs.data(), es.data());
  for (std::size_t i = whole; i < x.size(); ++i) {
    if (!(x[i] >= low && x[i] < high)) continue;
    xs[count] = x[i];
    es[count++] = e[i];
  }
  xs.resize(count);
  es.resize(count);
}

void cut_below(std::span<float> x, float least) {
  const std::size_t whole = whole_chunks(x.size());
  kBest.cut_below(x.data(), whole, least);
  for (float& v : x.subspan(whole)) v = v < least ? kCut : v;
}

void cut_below(std::span<float> x, std::span<const float> e, float scale, float least) {
  TYPECASE_CHECK(x.size() == e.size());
  const std::size_t whole = whole_chunks(x.size());
  kBest.cut_scaled(x.data(), e.data(), whole, scale, least);
  for (std::size_t i = whole; i < x.size(); ++i) x[i] = e[i] * scale < least ? kCut : x[i];
}

void divide(std::span<float> x, float d) {
  const std::size_t whole = whole_chunks(x.size());
  kBest.divide(x.data(), whole, d);
  for (float& v : x.subspan(whole)) v /= d;
}

Probabilities check_probabilities(std::span<const float> p) {
  constexpr float kMost = std::numeric_limits<float>::max();
  const std::size_t whole = whole_chunks(p.size());
  Probabilities out = kBest.check(p.data(), whole, kMost);
  for (const float x : p.subspan(whole)) {
    out.valid = out.valid && x >= 0 && x <= kMost;
    out.positive = out.positive || x > 0;
  }
  return out;
}

std::size_t first_faster(std::span<const float> p, std::span<const std::uint32_t> words,
                         std::size_t from, float best) {
  return kBest.group_faster(p.data(), words.data(), from, p.size(), best);
}

Below below(std::span<const float> x, std::span<const float> e,
            const std::array<float, kLevels>& levels) {
  TYPECASE_CHECK(x.size() == e.size());
  Below out;
  const std::size_t whole = whole_chunks(x.size());
  kBest.add_below(x.data(), e.data(), whole, levels.data(), out);
  for (std::size_t i = whole; i < x.size(); ++i) {
    for (std::size_t l = 0; l < kLevels; ++l) {
      if (!(x[i] < levels[l])) continue;
      out.mass[l] += static_cast<double>(e[i]);
      ++out.count[l];
    }
  }
  return out;
}

}  // namespace typecase
