// Included inside the namespace of a level with integer dot products: what quads.h asks for.

inline NativeInts native_dot4(NativeInts x, NativeInts w, NativeInts acc) {
  return (NativeInts)_mm512_dpbusd_epi32((__m512i)acc, (__m512i)w, (__m512i)x);
}
inline NativeInts native_nearest(Native x) { return (NativeInts)_mm512_cvtps_epi32(x); }
inline int native_largest(NativeInts x) { return _mm512_reduce_max_epi32((__m512i)x); }
inline int native_sum(NativeInts x) { return _mm512_reduce_add_epi32((__m512i)x); }
