// Included inside the namespace of a level with registers of sixteen floats.

constexpr int kLanes = 16;
constexpr int kAccumulators = 24;  // of the 32 registers
typedef __m512 Native;
typedef int NativeInts __attribute__((vector_size(64)));

inline Native native_set(float x) { return _mm512_set1_ps(x); }
inline NativeInts native_set(int x) { return (NativeInts)_mm512_set1_epi32(x); }
inline Native native_fma(Native a, Native b, Native c) { return _mm512_fmadd_ps(a, b, c); }
inline __m128i quarter_register(const std::uint8_t* p) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}
inline __m256i half_register(const std::uint8_t* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
inline NativeInts native_u8(const std::uint8_t* p) {
  return (NativeInts)_mm512_cvtepu8_epi32(quarter_register(p));
}
inline NativeInts native_i8(const std::uint8_t* p) {
  return (NativeInts)_mm512_cvtepi8_epi32(quarter_register(p));
}
inline NativeInts native_u16(const std::uint8_t* p) {
  return (NativeInts)_mm512_cvtepu16_epi32(half_register(p));
}
inline Native native_f16(const std::uint8_t* p) { return _mm512_cvtph_ps(half_register(p)); }
inline Native native_round_f16(Native x) {
  return _mm512_cvtph_ps(_mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
}
