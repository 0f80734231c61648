// Included inside the namespace of an ISA level, after math.h.

/// A format reads the weights of a panel input by input. kRun inputs share a Shared (the block's
/// scales); load() gives kStep of them at once. `in` is where the run begins in the panel.
///
/// A lane of the weights holds one input of one output, and one of the rows' the same input; Pairs
/// hold two, and k counts pairs there.
struct Singles {
  static constexpr int kInputs = 1;  // in a lane
  TYPECASE_INLINE static Vec multiply_add(Vec x, Vec w, Vec acc) { return fma(x, w, acc); }
};
struct Pairs {
  static constexpr int kInputs = 2;
  TYPECASE_INLINE static Vec multiply_add(Vec x, Vec w, Vec acc) { return dot(x, w, acc); }
};

/// Weights without scales: kBytesOf bytes for kRunOf inputs of a panel.
template <class Lanes, int kBytesOf, int kRunOf = 1>
struct Plain : Lanes {
  struct Shared {};
  static constexpr int kRun = kRunOf, kStep = kRunOf, kBytes = kBytesOf;
  TYPECASE_INLINE static const std::uint8_t* run(const std::uint8_t* panel, int k) {
    return panel + static_cast<std::size_t>(k) * (kBytesOf / kRunOf);
  }
  TYPECASE_INLINE static Shared shared(const std::uint8_t*) { return {}; }
};

struct F32 : Plain<Singles, 64> {
  TYPECASE_INLINE static void load(const std::uint8_t* in, Shared, int, Vec* w) {
    w[0] = load_floats(reinterpret_cast<const float*>(in));
  }
};

struct F16 : Plain<Singles, 32> {
  TYPECASE_INLINE static void load(const std::uint8_t* in, Shared, int, Vec* w) {
    w[0] = load_f16(in);
  }
};

/// A bfloat16 is the upper half of a float.
struct BF16 : Plain<Singles, 64, 2> {
  TYPECASE_INLINE static void load(const std::uint8_t* in, Shared, int, Vec* w) {
    const Ints pair = load_ints(in);
    w[0] = from_bits(pair << 16);
    w[1] = from_bits(pair & ints(static_cast<int>(0xffff0000u)));
  }
};

struct BF16Pairs : Plain<Pairs, 64> {
  TYPECASE_INLINE static void load(const std::uint8_t* in, Shared, int, Vec* w) {
    w[0] = from_bits(load_ints(in));
  }
};

/// The same pairs out of twelve bits a weight: see recoded.h.
struct BF16Recoded : Pairs {
  struct Shared {
    NativeCodes codes;
    unsigned marks;
  };
  static constexpr int kRun = recoded::kInputs / 2, kStep = 2;
  static constexpr int kBytes = static_cast<int>(recoded::kRunBytes);
  TYPECASE_INLINE static const std::uint8_t* run(const std::uint8_t* panel, int k) {
    return panel + static_cast<std::size_t>(k / kRun) * kBytes;
  }
  TYPECASE_INLINE static Shared shared(const std::uint8_t* in) {
    return {native_codes(in), in[2] | static_cast<unsigned>(in[3]) << 8};
  }
  TYPECASE_INLINE static void load(const std::uint8_t* in, const Shared& s, int k, Vec* w) {
    const auto step = static_cast<unsigned>(k / kStep);
    NativeInts a, b;
    native_weights(in + recoded::kHeader + step * recoded::kStep, s.codes, &a, &b);
    w[0].part[0] = (Native)a;
    w[1].part[0] = (Native)b;
    if (__builtin_expect(s.marks >> step & 1, 0)) {
      const Two mended = listed(in, step, {w[0], w[1]});
      w[0] = mended.a;
      w[1] = mended.b;
    }
  }
  struct Two {
    Vec a, b;
  };
  /// Puts the weights of a step in place that have no code. By value: w stays in registers.
  [[gnu::noinline]] static Two listed(const std::uint8_t* in, unsigned step, Two w) noexcept {
    for (unsigned i = 0; i < in[4]; ++i) {
      std::uint16_t entry[2];
      __builtin_memcpy(entry, in + 8 + 4 * i, sizeof entry);
      if (entry[0] / 64u != step) continue;
      __builtin_memcpy(reinterpret_cast<char*>(&w) + entry[0] % 64u * 2, entry + 1, 2);
    }
    return w;
  }
};

struct Q8_0 : Singles {
  struct Shared {
    Vec d;
  };
  static constexpr int kRun = 32, kStep = 1;
  static constexpr int kBytes = 32 + 32 * 16;
  TYPECASE_INLINE static const std::uint8_t* run(const std::uint8_t* panel, int k) {
    return panel + static_cast<std::size_t>(k / kRun) * kBytes;
  }
  TYPECASE_INLINE static Shared shared(const std::uint8_t* in) { return {load_f16(in)}; }
  TYPECASE_INLINE static void load(const std::uint8_t* in, Shared s, int k, Vec* w) {
    w[0] = to_float(load_i8(in + 32 + k * 16)) * s.d;
  }
};

/// d·q + m, where d·q is exact: one rounding, as in the oracle. Q4_0's (q − 8)·d is exact whole.
template <bool kMinimum>
struct Q4 : Singles {
  struct Shared {
    Vec d, m;
  };
  static constexpr int kRun = 32, kStep = 2;
  static constexpr int kScales = kMinimum ? 64 : 32;
  static constexpr int kBytes = kScales + 16 * 16;
  TYPECASE_INLINE static const std::uint8_t* run(const std::uint8_t* panel, int k) {
    return panel + static_cast<std::size_t>(k / kRun) * kBytes;
  }
  TYPECASE_INLINE static Shared shared(const std::uint8_t* in) {
    const Vec d = load_f16(in);
    return {d, kMinimum ? load_f16(in + 32) : d * vec(-8.0f)};
  }
  TYPECASE_INLINE static void load(const std::uint8_t* in, const Shared& s, int k, Vec* w) {
    const Ints pair = load_u8(in + kScales + k * 8);
    w[0] = fma(to_float(pair & ints(15)), s.d, s.m);
    w[1] = fma(to_float(pair >> 4), s.d, s.m);
  }
};

/// Dequantised values rounded to bfloat16.
template <class Base>
struct ToBF16 : Base {
  TYPECASE_INLINE static void load(const std::uint8_t* in, const typename Base::Shared& s, int k,
                                   Vec* w) {
    Base::load(in, s, k, w);
    for (int i = 0; i < Base::kStep; ++i) w[i] = rounded<DType::bfloat16>(w[i]);
  }
};

/// Two floats that are bfloat16 numbers in one lane, `even` below.
TYPECASE_INLINE Vec pair_of(Vec even, Vec odd) {
  const Ints low = (bits(even) >> 16) & ints(0xffff);
  return from_bits(low | (bits(odd) & ints(static_cast<int>(0xffff0000u))));
}

/// The same values, two in a lane.
template <class Base>
struct InPairs : Pairs {
  using Shared = typename Base::Shared;
  static constexpr int kRun = Base::kRun / 2, kStep = 1, kBytes = Base::kBytes;
  TYPECASE_INLINE static const std::uint8_t* run(const std::uint8_t* panel, int k) {
    return Base::run(panel, 2 * k);
  }
  TYPECASE_INLINE static Shared shared(const std::uint8_t* in) { return Base::shared(in); }
  TYPECASE_INLINE static void load(const std::uint8_t* in, const Shared& s, int k, Vec* w) {
    Vec two[2];
    for (int i = 0; i < 2; i += Base::kStep) Base::load(in, s, 2 * k + i, two + i);
    w[0] = pair_of(two[0], two[1]);
  }
};
