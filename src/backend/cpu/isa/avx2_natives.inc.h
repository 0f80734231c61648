// Included inside the namespace of a level with registers of eight floats.

constexpr int kLanes = 8;
constexpr int kAccumulators = 12;  // registers of kLanes floats, of the 16 there are
typedef __m256 Native;
typedef int NativeInts __attribute__((vector_size(32)));

inline Native native_set(float x) { return _mm256_set1_ps(x); }
inline NativeInts native_set(int x) { return (NativeInts)_mm256_set1_epi32(x); }
inline Native native_fma(Native a, Native b, Native c) { return _mm256_fmadd_ps(a, b, c); }
inline __m128i half_register(const std::uint8_t* p) {
  return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
}
inline __m128i whole_register(const std::uint8_t* p) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}
inline NativeInts native_u8(const std::uint8_t* p) {
  return (NativeInts)_mm256_cvtepu8_epi32(half_register(p));
}
inline NativeInts native_i8(const std::uint8_t* p) {
  return (NativeInts)_mm256_cvtepi8_epi32(half_register(p));
}
inline NativeInts native_u16(const std::uint8_t* p) {
  return (NativeInts)_mm256_cvtepu16_epi32(whole_register(p));
}
inline Native native_f16(const std::uint8_t* p) { return _mm256_cvtph_ps(whole_register(p)); }
inline Native native_round_f16(Native x) {
  return _mm256_cvtph_ps(_mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
}
