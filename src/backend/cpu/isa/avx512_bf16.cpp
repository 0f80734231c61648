#include "backend/cpu/isa/levels.h"
#include "backend/cpu/packed.h"
#include "backend/cpu/quads.h"
#include "backend/cpu/recoded.h"
#include "backend/cpu/row_forms.h"

#if defined(__x86_64__)
#include "base/target.h"

#include <immintrin.h>

// g++ 12 takes the "undefined" register its own headers start from for a mistake (GCC bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

TYPECASE_TARGET("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx512vnni")
/// avx512 with dot products of bfloat16 pairs where a bfloat16 plan multiplies by a matrix; all
/// else is avx512's arithmetic, bit for bit.
///
/// vdpbf16ps computes in each lane, for pairs x = (x0, x1) and w = (w0, w1),
///     acc = f(x0·w0 + f(x1·w1 + acc)),
/// where f rounds to float32 once, ties to even. The products are exact, so it is the chain of
/// fused multiply-adds with neighbours exchanged: as accurate, at twice the rate. Subnormal
/// numbers, taken or given, are zeros with their sign, whatever the control register says.
namespace typecase::cpu::avx512_bf16 {

#include "backend/cpu/isa/avx512_natives.inc.h"

constexpr bool kDots = true;
inline Native native_dot(Native x, Native w, Native acc) {
  return _mm512_dpbf16_ps(acc, (__m512bh)x, (__m512bh)w);
}
inline void native_store_pairs(float* to, Native x) {
  const __m256bh pairs = _mm512_cvtneps_pbh(x);
  __builtin_memcpy(to, &pairs, sizeof pairs);
}
inline void native_store_pairs(float* to, Native low, Native high) {
  const __m512bh pairs = _mm512_cvtne2ps_pbh(high, low);
  __builtin_memcpy(to, &pairs, sizeof pairs);
}

#include "backend/cpu/isa/vnni_natives.inc.h"

/// Exponents of a run's codes, shifted to their place, twice over: see recoded.h.
struct NativeCodes {
  __m512i exponents;
};
inline NativeCodes native_codes(const std::uint8_t* run) {
  const __m512i code = _mm512_set_epi16(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 15,
                                        14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const __m512i exponent = _mm512_add_epi16(code, _mm512_set1_epi16(run[0]));
  const __mmask32 kept = run[1] != 0 ? 0xfffefffeu : 0xffffffffu;
  return {_mm512_maskz_slli_epi16(kept, exponent, 7)};
}
/// A step's two vectors of pairs, as if every weight had a code. The permutation looks at five bits
/// of an index: for a at a bit too many, which is why the table stands twice.
inline void native_weights(const std::uint8_t* step, NativeCodes c, NativeInts* a, NativeInts* b) {
  const __m512i kept = _mm512_loadu_si512(step);
  const __m512i codes = _mm512_cvtepu8_epi16(half_register(step + 64));
  const __m512i exponent_a = _mm512_permutexvar_epi16(codes, c.exponents);
  const __m512i exponent_b = _mm512_permutexvar_epi16(_mm512_srli_epi16(codes, 4), c.exponents);
  const __m512i swap = _mm512_set4_epi32(0x0e0f0c0d, 0x0a0b0809, 0x06070405, 0x02030001);
  const __m512i mask = _mm512_set1_epi16(static_cast<short>(0x807f));
  constexpr int kAOrBAndC = 0xf8;
  *a = (NativeInts)_mm512_ternarylogic_epi64(exponent_a, kept, mask, kAOrBAndC);
  *b = (NativeInts)_mm512_ternarylogic_epi64(exponent_b, _mm512_shuffle_epi8(kept, swap), mask,
                                             kAOrBAndC);
}
template <class Vector>
inline bool native_any(Vector x) {
  return _mm512_test_epi64_mask((__m512i)x, (__m512i)x) != 0;
}

#include "backend/cpu/isa/kernels.inc.h"
//
#include "backend/cpu/isa/recode.h"
//
#include "backend/cpu/isa/quads.h"

/// All that the table offers as `multiply`.
inline void multiply_all(const MultiplyTask& m) noexcept {
  in_quads(m.matrix->format) ? multiply_quads(m) : multiply(m);
}

}  // namespace typecase::cpu::avx512_bf16
TYPECASE_TARGET_END

namespace typecase::cpu {

const Kernels& avx512_bf16_kernels() noexcept {
  static const Kernels table{
      "avx512_bf16",       avx512_bf16::multiply_all, avx512_bf16::pack,
      avx512_bf16::attend, avx512_bf16::norm,         avx512_bf16::activate,
      avx512_bf16::add,    avx512_bf16::scale,        avx512_bf16::rotate,
      avx512_bf16::recode, avx512_bf16::pack_quads,   avx512_bf16::pack_eight_bits};
  return table;
}

}  // namespace typecase::cpu
#endif
