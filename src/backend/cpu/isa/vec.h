// Included inside the namespace of an ISA level, after its Native (kLanes floats) and NativeInts
// types and the native_* functions. No include guard, no standard headers here.

/// Sixteen floats, the vector every kernel is written over, in as many registers as it takes.
struct Vec {
  Native part[kPanel / kLanes];
};
struct Ints {
  NativeInts part[kPanel / kLanes];
};
constexpr int kParts = kPanel / kLanes;

#define TYPECASE_INLINE [[gnu::always_inline]] inline
/// Before a loop of a constant number of turns over registers.
#if defined(__clang__)
#define TYPECASE_UNROLL _Pragma("unroll")
#else
#define TYPECASE_UNROLL _Pragma("GCC unroll 24")
#endif
#define TYPECASE_PARTS for (int i = 0; i < kParts; ++i)

TYPECASE_INLINE Vec vec(float x) {
  Vec out;
  TYPECASE_PARTS out.part[i] = native_set(x);
  return out;
}
TYPECASE_INLINE Vec load_floats(const float* p) {
  Vec out;
  TYPECASE_PARTS __builtin_memcpy(&out.part[i], p + i * kLanes, sizeof(Native));
  return out;
}
TYPECASE_INLINE void store(float* p, Vec x) {
  TYPECASE_PARTS __builtin_memcpy(p + i * kLanes, &x.part[i], sizeof(Native));
}
TYPECASE_INLINE Vec operator+(Vec a, Vec b) {
  TYPECASE_PARTS a.part[i] = a.part[i] + b.part[i];
  return a;
}
TYPECASE_INLINE Vec operator-(Vec a, Vec b) {
  TYPECASE_PARTS a.part[i] = a.part[i] - b.part[i];
  return a;
}
TYPECASE_INLINE Vec operator*(Vec a, Vec b) {
  TYPECASE_PARTS a.part[i] = a.part[i] * b.part[i];
  return a;
}
TYPECASE_INLINE Vec operator/(Vec a, Vec b) {
  TYPECASE_PARTS a.part[i] = a.part[i] / b.part[i];
  return a;
}
/// a·b + c, rounded once where the level has such an instruction.
TYPECASE_INLINE Vec fma(Vec a, Vec b, Vec c) {
  TYPECASE_PARTS c.part[i] = native_fma(a.part[i], b.part[i], c.part[i]);
  return c;
}
/// acc + x1·w1 + x0·w0 for lanes that hold pairs of bfloat16; see avx512_bf16.cpp.
TYPECASE_INLINE Vec dot(Vec x, Vec w, Vec acc) {
  TYPECASE_PARTS acc.part[i] = native_dot(x.part[i], w.part[i], acc.part[i]);
  return acc;
}

/// The nearest bfloat16 numbers, two to a lane, in eight lanes. `to` may be where x came from.
TYPECASE_INLINE void store_pairs(float* to, Vec x) {
  TYPECASE_PARTS native_store_pairs(to + i * kLanes / 2, x.part[i]);
}
/// The same for 32 numbers.
TYPECASE_INLINE void store_pairs(float* to, Vec low, Vec high) {
  TYPECASE_PARTS native_store_pairs(to + i * kLanes, low.part[i], high.part[i]);
}

/// Lanes of the last vector that hold elements below n: the rest are padding, taken as 0.
TYPECASE_INLINE Vec load_first(const float* x, int at, int n) {
  if (n - at >= kPanel) return load_floats(x + at);
  float lane[kPanel] = {};
  for (int i = 0; i < n - at; ++i) lane[i] = x[at + i];
  return load_floats(lane);
}

TYPECASE_INLINE Ints bits(Vec x) {
  Ints out;
  TYPECASE_PARTS out.part[i] = (NativeInts)x.part[i];
  return out;
}
TYPECASE_INLINE Vec from_bits(Ints x) {
  Vec out;
  TYPECASE_PARTS out.part[i] = (Native)x.part[i];
  return out;
}
TYPECASE_INLINE Ints ints(int x) {
  Ints out;
  TYPECASE_PARTS out.part[i] = native_set(x);
  return out;
}
/// Sums and differences wrap: the bits of a NaN lie next to the largest number.
typedef unsigned NativeBits __attribute__((vector_size(sizeof(NativeInts))));
TYPECASE_INLINE Ints operator+(Ints a, Ints b) {
  TYPECASE_PARTS a.part[i] = (NativeInts)((NativeBits)a.part[i] + (NativeBits)b.part[i]);
  return a;
}
TYPECASE_INLINE Ints operator-(Ints a, Ints b) {
  TYPECASE_PARTS a.part[i] = (NativeInts)((NativeBits)a.part[i] - (NativeBits)b.part[i]);
  return a;
}
TYPECASE_INLINE Ints operator&(Ints a, Ints b) {
  TYPECASE_PARTS a.part[i] = a.part[i] & b.part[i];
  return a;
}
TYPECASE_INLINE Ints operator|(Ints a, Ints b) {
  TYPECASE_PARTS a.part[i] = a.part[i] | b.part[i];
  return a;
}
TYPECASE_INLINE Ints operator<<(Ints a, int n) {
  TYPECASE_PARTS a.part[i] = a.part[i] << n;
  return a;
}
/// Arithmetic: the sign moves in.
TYPECASE_INLINE Ints operator>>(Ints a, int n) {
  TYPECASE_PARTS a.part[i] = a.part[i] >> n;
  return a;
}
TYPECASE_INLINE Vec to_float(Ints x) {
  Vec out;
  TYPECASE_PARTS out.part[i] = __builtin_convertvector(x.part[i], Native);
  return out;
}
/// Towards zero.
TYPECASE_INLINE Ints to_int(Vec x) {
  Ints out;
  TYPECASE_PARTS out.part[i] = __builtin_convertvector(x.part[i], NativeInts);
  return out;
}

/// Lanes are all ones or all zeros.
TYPECASE_INLINE Ints operator<(Vec a, Vec b) {
  Ints out;
  TYPECASE_PARTS out.part[i] = (NativeInts)(a.part[i] < b.part[i]);
  return out;
}
TYPECASE_INLINE Ints is_nan(Vec a) {
  Ints out;
  TYPECASE_PARTS out.part[i] = (NativeInts)(a.part[i] != a.part[i]);
  return out;
}
TYPECASE_INLINE Vec select(Ints mask, Vec yes, Vec no) {
  TYPECASE_PARTS no.part[i] = mask.part[i] ? yes.part[i] : no.part[i];
  return no;
}
/// A NaN in the first argument stays.
TYPECASE_INLINE Vec at_least(Vec x, Vec low) { return select(x < low, low, x); }
TYPECASE_INLINE Vec at_most(Vec x, Vec high) { return select(high < x, high, x); }

TYPECASE_INLINE Ints load_u8(const std::uint8_t* p) {
  Ints out;
  TYPECASE_PARTS out.part[i] = native_u8(p + i * kLanes);
  return out;
}
TYPECASE_INLINE Ints load_i8(const std::uint8_t* p) {
  Ints out;
  TYPECASE_PARTS out.part[i] = native_i8(p + i * kLanes);
  return out;
}
TYPECASE_INLINE Ints load_u16(const std::uint8_t* p) {
  Ints out;
  TYPECASE_PARTS out.part[i] = native_u16(p + 2 * i * kLanes);
  return out;
}
TYPECASE_INLINE Ints load_ints(const std::uint8_t* p) {
  Ints out;
  TYPECASE_PARTS __builtin_memcpy(&out.part[i], p + 4 * i * kLanes, sizeof(NativeInts));
  return out;
}
TYPECASE_INLINE Vec load_f16(const std::uint8_t* p) {
  Vec out;
  TYPECASE_PARTS out.part[i] = native_f16(p + 2 * i * kLanes);
  return out;
}

/// f of all lanes, by halves: of lanes i and i + 8, then + 4, + 2, + 1.
template <class F>
TYPECASE_INLINE float by_halves(Vec x, const F& f) {
  typedef float Four __attribute__((vector_size(16)));  // registers that every level has
  float lane[kPanel];
  store(lane, x);
  Four part[4];
  __builtin_memcpy(part, lane, sizeof lane);
  const Four four = f(f(part[0], part[2]), f(part[1], part[3]));
  const Four two = f(four, __builtin_shufflevector(four, four, 2, 3, 2, 3));
  return f(two, __builtin_shufflevector(two, two, 1, 1, 1, 1))[0];
}
TYPECASE_INLINE float sum(Vec x) {
  return by_halves(x, [](auto a, auto b) { return a + b; });
}
TYPECASE_INLINE float largest(Vec x) {
  return by_halves(x, [](auto a, auto b) { return a > b ? a : b; });
}

/// r(·): to the nearest number of the plan's dtype, ties to even. NaN stays NaN.
template <DType D>
TYPECASE_INLINE Vec rounded(Vec x) {
  if constexpr (D == DType::bfloat16) {
    const Ints b = bits(x);
    const Ints odd = (b >> 16) & ints(1);
    const Vec y = from_bits((b + ints(0x7fff) + odd) & ints(static_cast<int>(0xffff0000u)));
    return select(is_nan(x), x, y);
  } else if constexpr (D == DType::float16) {
    TYPECASE_PARTS x.part[i] = native_round_f16(x.part[i]);
    return x;
  } else {
    return x;
  }
}

template <DType D>
TYPECASE_INLINE float rounded(float x) {
  if constexpr (D == DType::float32) {
    return x;
  } else {
    float lane[kPanel];
    store(lane, rounded<D>(vec(x)));
    return lane[0];
  }
}

TYPECASE_INLINE Vec rounded_to(DType dtype, Vec x) {
  switch (dtype) {
    case DType::bfloat16:
      return rounded<DType::bfloat16>(x);
    case DType::float16:
      return rounded<DType::float16>(x);
    default:
      return x;
  }
}
