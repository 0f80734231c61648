// Included inside the namespace of a level with dot products of bfloat16 pairs, and twelve bits a
// weight.

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
