/// What instructions can do at most, without memory: see probe.h.
#include "backend/cpu/kernels.h"
#include "backend/cpu/probe.h"
#include "backend/cpu/probe_amx.h"
#include "backend/cpu/probe_bursts.h"

#if defined(__x86_64__)
#include "base/target.h"

#include <immintrin.h>

// g++ 12 takes the "undefined" register its own headers start from for a mistake (GCC bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

namespace typecase::cpu {
namespace {

constexpr int kRunLength = 32;  // inputs that share a scale
constexpr int kRegisters = 12;  // of the 16 that every level has
constexpr int kSteps = 100;

/// What a loop works on: panels as packed.h describes them, small enough for the nearest cache.
struct Operands {
  alignas(64) std::uint8_t weights[8 * kRunLength * 64] = {};
  alignas(64) float x[kRunLength] = {};
  alignas(64) float out[kRegisters * kPanel] = {};
};

/// Does the same work `times` times.
using Loop = void (*)(Operands&, int times) noexcept;

}  // namespace
}  // namespace typecase::cpu

TYPECASE_TARGET("avx2,fma,f16c")
namespace typecase::cpu::probe_avx2 {
namespace {

#include "backend/cpu/isa/avx2_natives.inc.h"
//
#include "backend/cpu/isa/no_dots.inc.h"
//
#include "backend/cpu/isa/vec.h"
TYPECASE_INLINE Vec lookup(Ints four) { return to_float(four & ints(15)); }
#include "backend/cpu/probe_mixes.inc.h"
//
#include "backend/cpu/probe_registers.inc.h"
inline __m256 step(__m256 x, __m256 acc) noexcept { return _mm256_fmadd_ps(x, x, acc); }

}  // namespace
}  // namespace typecase::cpu::probe_avx2
TYPECASE_TARGET_END

TYPECASE_TARGET("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512dq")
namespace typecase::cpu::probe_avx512 {
namespace {

#include "backend/cpu/isa/avx512_natives.inc.h"
//
#include "backend/cpu/isa/no_dots.inc.h"
//
#include "backend/cpu/isa/vec.h"
/// One permutation of a table: it looks at the lower four bits of an index alone.
TYPECASE_INLINE Vec lookup(Ints four) {
  const __m512 table = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return {{_mm512_permutexvar_ps((__m512i)four.part[0], table)}};
}
#include "backend/cpu/probe_mixes.inc.h"
//
#include "backend/cpu/probe_registers.inc.h"
inline __m512 step(__m512 x, __m512 acc) noexcept { return _mm512_fmadd_ps(x, x, acc); }

}  // namespace
}  // namespace typecase::cpu::probe_avx512
TYPECASE_TARGET_END

TYPECASE_TARGET("avx512f,avx512bf16")
namespace typecase::cpu::probe_bf16 {
namespace {

#include "backend/cpu/probe_registers.inc.h"
inline __m512 step(__m512 x, __m512 acc) noexcept {
  return _mm512_dpbf16_ps(acc, (__m512bh)x, (__m512bh)x);
}

/// Eight panels, a pair of inputs at a time.
void pairs(Operands& o, int times) noexcept {
  for (int t = 0; t < times; ++t) {
    __m512 acc[8] = {};
    for (int k = 0; k < kRunLength / 2; ++k) {
      const __m512 x = _mm512_set1_ps(o.x[k]);
      for (int p = 0; p < 8; ++p) {
        const __m512 w = _mm512_load_ps(o.weights + (p * kRunLength / 2 + k) * 64);
        acc[p] = _mm512_dpbf16_ps(acc[p], (__m512bh)x, (__m512bh)w);
      }
    }
    for (int p = 0; p < 8; ++p) _mm512_store_ps(o.out + p * kPanel, acc[p]);
    __asm__ volatile("" : : "r"(&o) : "memory");
  }
}

}  // namespace
}  // namespace typecase::cpu::probe_bf16
TYPECASE_TARGET_END

TYPECASE_TARGET("avx512f,avx512bw,avx512vnni")
namespace typecase::cpu::probe_vnni {
namespace {

#include "backend/cpu/probe_registers.inc.h"
inline __m512i step(__m512i x, __m512i acc) noexcept { return _mm512_dpbusd_epi32(acc, x, x); }

constexpr int kBlockPanels = 6;

/// Blocks of 32 inputs with a float16 scale times one row of three digits: quads.h. kBits is 8
/// or 4.
template <int kBits>
void digits(Operands& o, int times) noexcept {
  constexpr int kWords = kBits, kBytes = 32 + 64 * kWords;
  const auto* x = reinterpret_cast<const std::uint8_t*>(o.x);
  const auto four_of = [&](int k, int digit) {
    int four;
    __builtin_memcpy(&four, x + digit * kRunLength + k, sizeof four);
    return _mm512_set1_epi32(four);
  };
  __m512 total[kBlockPanels] = {};
  for (int t = 0; t < times; ++t) {
    __m512i acc[kBlockPanels][3] = {};
    for (int i = 0; i < kWords; ++i) {
      for (int p = 0; p < kBlockPanels; ++p) {
        const __m512i word = _mm512_loadu_si512(o.weights + p * kBytes + 32 + 64 * i);
        for (int half = 0; half < 8 / kBits; ++half) {
          const __m512i w = kBits == 8
                                ? word
                                : _mm512_and_si512(_mm512_srli_epi32(word, half == 0 ? 0 : 4),
                                                   _mm512_set1_epi8(15));
          for (int j = 0; j < 3; ++j) {
            acc[p][j] = _mm512_dpbusd_epi32(acc[p][j], w, four_of(4 * (i + half * kWords), j));
          }
        }
      }
    }
    for (int p = 0; p < kBlockPanels; ++p) {
      __m256i scale;
      __builtin_memcpy(&scale, o.weights + p * kBytes, sizeof scale);
      const __m512i low = _mm512_add_epi32(acc[p][0], _mm512_slli_epi32(acc[p][1], 8));
      const __m512 sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(acc[p][2]), _mm512_set1_ps(65536),
                                         _mm512_cvtepi32_ps(low));
      total[p] = _mm512_fmadd_ps(sum, _mm512_cvtph_ps(scale), total[p]);
      _mm512_store_ps(o.out + p * kPanel, total[p]);
    }
    __asm__ volatile("" : : "r"(&o) : "memory");
  }
}

}  // namespace
}  // namespace typecase::cpu::probe_vnni
TYPECASE_TARGET_END

namespace typecase::cpu {
namespace {

double calls(Loop loop, int threads, int bursts) {
  return calls_per_second(threads, bursts, [loop](int times) {
    Operands own;
    loop(own, times);
  });
}

bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("f16c");
}
bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}

/// A loop and how much a call of it does.
struct Work {
  Loop loop = nullptr;
  double each = 0;
};

Work work_of(Unit unit) {
  const double steps = 2.0 * kRegisters * kSteps;
  switch (unit) {
    case Unit::avx2_fma:
      if (has_avx2()) return {probe_avx2::registers<__m256, probe_avx2::step>, steps * 8};
      break;
    case Unit::avx512_fma:
      if (has_avx512()) return {probe_avx512::registers<__m512, probe_avx512::step>, steps * 16};
      break;
    case Unit::avx512_bf16:
      if (has_avx512() && __builtin_cpu_supports("avx512bf16"))
        return {probe_bf16::registers<__m512, probe_bf16::step>, steps * 32};
      break;
    case Unit::avx512_vnni:
      if (has_avx512() && __builtin_cpu_supports("avx512vnni"))
        return {probe_vnni::registers<__m512i, probe_vnni::step>, steps * 64};
      break;
    default:
      break;
  }
  return {};
}

/// The loops of one level.
#define TYPECASE_MIXES(level)                                                            \
  switch (stored) {                                                                      \
    case DType::float32:                                                                 \
      return {level::plain<level::Float32>, kRunLength * level::kPlainPanels * kPanel};  \
    case DType::float16:                                                                 \
      return {level::plain<level::Float16>, kRunLength * level::kPlainPanels * kPanel};  \
    case DType::bfloat16:                                                                \
      return {level::plain<level::Bfloat16>, kRunLength * level::kPlainPanels * kPanel}; \
    case DType::q8_0:                                                                    \
      return {level::scaled<level::Eight>, kRunLength * level::kScaledPanels * kPanel};  \
    case DType::q4_0:                                                                    \
    case DType::q4_1:                                                                    \
      return {level::scaled<level::Four>, kRunLength * level::kScaledPanels * kPanel};   \
    default:                                                                             \
      return {};                                                                         \
  }

Work mix_of(DType stored, const std::string& level, bool dots) {
  if (dots && stored == DType::bfloat16 && level == "avx512_bf16")
    return {probe_bf16::pairs, kRunLength * 8 * kPanel};
  if (!dots && (level == "avx512_bf16" || level == "avx512_vnni" || level == "amx")) {
    constexpr double kEach = kRunLength * probe_vnni::kBlockPanels * kPanel;
    if (stored == DType::q8_0) return {probe_vnni::digits<8>, kEach};
    if (stored == DType::q4_0 || stored == DType::q4_1) return {probe_vnni::digits<4>, kEach};
  }
  if (level == "avx2") TYPECASE_MIXES(probe_avx2)
  if (level.starts_with("avx512")) TYPECASE_MIXES(probe_avx512)
  return {};
}

}  // namespace

std::optional<double> unit_rate(Unit unit, int threads, int bursts) {
  if (unit == Unit::amx_bfloat16 || unit == Unit::amx_int8)
    return amx_rate(unit == Unit::amx_int8, threads, bursts);
  const Work work = work_of(unit);
  if (work.loop == nullptr) return std::nullopt;
  return work.each * calls(work.loop, threads, bursts);
}

std::optional<double> dequantise_rate(DType stored, const std::string& level, int threads,
                                      bool dots, int bursts) {
  const Work work = mix_of(stored, level, dots);
  if (work.loop == nullptr) return std::nullopt;
  return work.each * calls(work.loop, threads, bursts);
}

}  // namespace typecase::cpu

#else

namespace typecase::cpu {

std::optional<double> unit_rate(Unit, int, int) { return std::nullopt; }
std::optional<double> dequantise_rate(DType, const std::string&, int, bool, int) {
  return std::nullopt;
}

}  // namespace typecase::cpu
#endif

namespace typecase::cpu {

const char* name(Unit unit) noexcept {
  switch (unit) {
    case Unit::avx2_fma:
      return "avx2_fma";
    case Unit::avx512_fma:
      return "avx512_fma";
    case Unit::avx512_bf16:
      return "avx512_bf16";
    case Unit::avx512_vnni:
      return "avx512_vnni";
    case Unit::amx_bfloat16:
      return "amx_bfloat16";
    case Unit::amx_int8:
      return "amx_int8";
  }
  return "";
}

}  // namespace typecase::cpu
