// Included inside a target region and namespace of probe_rates.cpp, after isa/vec.h and lookup().

constexpr int kPlainPanels = 8 / kParts;   // panels at once: enough to hide an addition's latency
constexpr int kScaledPanels = 2 / kParts;  // where scales take registers, with
constexpr int kChains = 4;                 // chains for each panel instead

/// Stores the sums where, as far as the compiler knows, someone reads them and changes the rest.
template <int N>
TYPECASE_INLINE void keep(Operands& o, const Vec (&acc)[N]) {
  for (int i = 0; i < N; ++i) store(o.out + i * kPanel, acc[i]);
  __asm__ volatile("" : : "r"(&o) : "memory");
}

/// Formats without scales. W::load(at, w) reads W::kStep inputs of a panel, W::kBytes long.
template <class W>
void plain(Operands& o, int times) noexcept {
  for (int t = 0; t < times; ++t) {
    Vec acc[kPlainPanels];
    for (Vec& a : acc) a = vec(0.0f);
    for (int k = 0; k < kRunLength; k += W::kStep) {
      for (int p = 0; p < kPlainPanels; ++p) {
        Vec w[W::kStep];
        W::load(o.weights + (p * kRunLength + k) / W::kStep * W::kBytes, w);
        for (int s = 0; s < W::kStep; ++s) acc[p] = fma(vec(o.x[k + s]), w[s], acc[p]);
      }
    }
    keep(o, acc);
  }
}

struct Float32 {
  static constexpr int kStep = 1, kBytes = 64;
  TYPECASE_INLINE static void load(const std::uint8_t* at, Vec* w) {
    w[0] = load_floats(reinterpret_cast<const float*>(at));
  }
};
struct Float16 {
  static constexpr int kStep = 1, kBytes = 32;
  TYPECASE_INLINE static void load(const std::uint8_t* at, Vec* w) { w[0] = load_f16(at); }
};
struct Bfloat16 {
  static constexpr int kStep = 2, kBytes = 64;
  TYPECASE_INLINE static void load(const std::uint8_t* at, Vec* w) {
    const Ints pair = load_ints(at);
    w[0] = from_bits(pair << 16);
    w[1] = from_bits(pair & ints(static_cast<int>(0xffff0000u)));
  }
};

/// Formats of 32 inputs with scales: W::scales() once for all of them.
template <class W>
void scaled(Operands& o, int times) noexcept {
  for (int t = 0; t < times; ++t) {
    Vec acc[kScaledPanels * kChains];
    for (Vec& a : acc) a = vec(0.0f);
    const std::uint8_t* at[kScaledPanels];
    typename W::Scales scales[kScaledPanels];
    for (int p = 0; p < kScaledPanels; ++p) {
      at[p] = o.weights + p * W::kBytes;
      scales[p] = W::scales(at[p]);
    }
    for (int k = 0; k < kRunLength; k += kChains) {
      for (int p = 0; p < kScaledPanels; ++p) {
        Vec w[kChains];
        for (int s = 0; s < kChains; s += 2) W::load(at[p], k + s, scales[p], w + s);
        for (int s = 0; s < kChains; ++s) {
          acc[p * kChains + s] = fma(vec(o.x[k + s]), w[s], acc[p * kChains + s]);
        }
      }
    }
    keep(o, acc);
  }
}

struct Eight {
  struct Scales {
    Vec d;
  };
  static constexpr int kBytes = 32 + kRunLength * 16;
  TYPECASE_INLINE static Scales scales(const std::uint8_t* at) { return {load_f16(at)}; }
  TYPECASE_INLINE static void load(const std::uint8_t* at, int k, Scales s, Vec* w) {
    for (int i = 0; i < 2; ++i) w[i] = to_float(load_i8(at + 32 + (k + i) * 16)) * s.d;
  }
};

/// (0 … 15)·d + m; Q4_0 the same with m = −8 d.
struct Four {
  struct Scales {
    Vec d, m;
  };
  static constexpr int kBytes = 64 + kRunLength * 8;
  TYPECASE_INLINE static Scales scales(const std::uint8_t* at) {
    return {load_f16(at), load_f16(at + 32)};
  }
  TYPECASE_INLINE static void load(const std::uint8_t* at, int k, Scales s, Vec* w) {
    const Ints pair = load_u8(at + 64 + k * 8);
    w[0] = fma(lookup(pair), s.d, s.m);
    w[1] = fma(lookup(pair >> 4), s.d, s.m);
  }
};
