// Included inside the namespace of an ISA level with integer dot products, after multiply.h:
// float32 rows times quantised weights. backend/cpu/quads.h describes the rows, packed.h the
// weights.

static_assert(kParts == 1);

/// acc + Σ of four products in each lane: bytes of w have no sign, those of x do.
TYPECASE_INLINE Ints dot4(Ints x, Ints w, Ints acc) {
  acc.part[0] = native_dot4(x.part[0], w.part[0], acc.part[0]);
  return acc;
}
TYPECASE_INLINE Ints broadcast(const void* four_bytes) {
  int four;
  __builtin_memcpy(&four, four_bytes, sizeof four);
  return ints(four);
}

typedef std::int8_t Digits __attribute__((vector_size(kPanel)));

/// The lowest digit of v, which goes to `to` and is taken out of v.
TYPECASE_INLINE Ints next_digit(Ints& v, std::int8_t* to) {
  const Ints digit = (v << 24) >> 24;
  const Digits bytes = __builtin_convertvector(digit.part[0], Digits);
  __builtin_memcpy(to, &bytes, sizeof bytes);
  v = (v - digit) >> 8;
  return digit;
}

/// The lowest digits of a block, taken out of v, and their sum.
TYPECASE_INLINE int next_digits(Ints (&v)[2], std::int8_t* to) {
  const Ints first = next_digit(v[0], to), second = next_digit(v[1], to + kPanel);
  return native_sum((first + second).part[0]);
}
TYPECASE_INLINE Ints magnitude(Vec x) { return bits(x) & ints(0x7fffffff); }
/// The bits of the largest magnitude.
TYPECASE_INLINE int largest_magnitude(Vec low, Vec high) {
  const Ints a = magnitude(low), b = magnitude(high);
  return native_largest(a.part[0] > b.part[0] ? a.part[0] : b.part[0]);
}

inline void pack_block(const float* x, QuadBlock& to) noexcept {
  const Vec low = load_floats(x), high = load_floats(x + kPanel);
  const int most = largest_magnitude(low, high);
  // The largest number becomes an integer from 2^22 to the largest of three digits, 0x7f7f7f; one
  // so near the next power of two that it would be rounded above that, half as large.
  constexpr unsigned kNear = 0x7f'ffff - 0x7e'fefe;
  constexpr int kBits = 22, kBias = 127, kSmallest = kBias - 100, kInfinite = 255;
  const auto power = static_cast<int>((static_cast<unsigned>(most) + kNear) >> 23);
  const int e = (power < kSmallest ? kSmallest : power) - kBias - kBits;
  const Vec inverse = vec(__builtin_bit_cast(float, (kBias - e) << 23));
  const Vec scaled[2] = {low * inverse, high * inverse};
  Ints v[2], rest[2], small[2];
  for (int i = 0; i < 2; ++i) {
    v[i].part[0] = native_nearest(scaled[i].part[0]);
    rest[i].part[0] = native_nearest(((scaled[i] - to_float(v[i])) * vec(256.0f)).part[0]);
    rest[i].part[0] = rest[i].part[0] > 127 ? ints(127).part[0] : rest[i].part[0];
    small[i] = magnitude(scaled[i]);
    small[i].part[0] = small[i].part[0] < __builtin_bit_cast(int, 262144.0f);  // 2^22 / 16
  }
  to.fourth = native_sum((small[0] + small[1]).part[0]) < -kQuantisedBlock / 2;
  std::int64_t sum = 0;
  for (int j = 0; j < QuadBlock::kDigits; ++j) {
    const int digits = next_digits(v, to.digit[j]);
    sum += static_cast<std::int64_t>(digits) * (1 << 8 * j);
    to.minus_128[j] = -128 * digits;
  }
  float last = 0;
  if (to.fourth != 0) {
    const int digits = next_digits(rest, to.last_digit);
    to.minus_128[QuadBlock::kDigits] = -128 * digits;
    last = static_cast<float>(digits) / 256;
  }
  const float scale = __builtin_bit_cast(float, (kBias + e) << 23);
  to.scale = most >> 23 < kInfinite ? scale : __builtin_nanf("");
  to.sum = (static_cast<float>(sum) + last) * to.scale;
}

inline void pack_block(const float* x, EightBitBlock& to) noexcept {
  const Vec low = load_floats(x), high = load_floats(x + kPanel);
  const int most = largest_magnitude(low, high);
  constexpr int kInfinite = 0x7f800000, kSmallest = 27 << 23;  // 2^-100
  const float scale = __builtin_bit_cast(float, most < kSmallest ? kSmallest : most) / 127;
  const Vec inverse = vec(1 / scale);
  Ints v[2] = {{{native_nearest((low * inverse).part[0])}},
               {{native_nearest((high * inverse).part[0])}}};
  const int digits = next_digits(v, to.digit[0]);
  to.minus_128[0] = -128 * digits;
  to.scale = most < kInfinite ? scale : __builtin_nanf("");
  to.sum = static_cast<float>(digits) * to.scale;
}

template <class Block>
void pack_blocks(const float* x, int in, float* to) noexcept {
  auto* block = reinterpret_cast<Block*>(to);
  for (int k = 0; k < in; k += kQuantisedBlock, ++block) pack_block(x + k, *block);
}
inline void pack_quads(const float* x, int in, float* to) noexcept {
  pack_blocks<QuadBlock>(x, in, to);
}
inline void pack_eight_bits(const float* x, int in, float* to) noexcept {
  pack_blocks<EightBitBlock>(x, in, to);
}

/// Weights of a block: kWords registers, each of kHalves quads of every lane.
struct EightBits {
  static constexpr int kHeader = 32, kWords = 8, kHalves = 1, kBytes = kHeader + 64 * kWords;
  static constexpr bool kMinimum = false;
  TYPECASE_INLINE static Ints quad(Ints word, int) { return word; }
  static constexpr int kOffset = 128;
};
template <bool kWithMinimum>
struct FourBits {
  static constexpr bool kMinimum = kWithMinimum;
  static constexpr int kHeader = kMinimum ? 64 : 32, kWords = 4, kHalves = 2;
  static constexpr int kBytes = kHeader + 64 * kWords;
  TYPECASE_INLINE static Ints quad(Ints word, int half) {
    return (word >> 4 * half) & ints(0x0f0f0f0f);
  }
  static constexpr int kOffset = kMinimum ? 0 : 8;
};

/// What the sum of digit j begins with.
template <class W, class X>
TYPECASE_INLINE Ints start(const X& x, int j) {
  if constexpr (W::kOffset == 0)
    return ints(0);
  else
    return ints(x.minus_128[j] / (128 / W::kOffset));
}

/// total += d·2^(e − 8)·Σ q·d3 for one row. Weights are near: they were just read.
template <class W, int P>
[[gnu::noinline]] void add_fourth(const QuadBlock& x, const std::uint8_t* const (&run)[P],
                                  Vec (&total)[P]) noexcept {
  for (int p = 0; p < P; ++p) {
    Ints acc = start<W>(x, QuadBlock::kDigits);
    for (int i = 0; i < W::kWords; ++i) {
      const Ints word = load_ints(run[p] + W::kHeader + 64 * i);
      for (int half = 0; half < W::kHalves; ++half) {
        acc = dot4(broadcast(x.last_digit + 4 * (i + half * W::kWords)), W::quad(word, half), acc);
      }
    }
    total[p] = fma(to_float(acc), load_f16(run[p]) * vec(x.scale / 256), total[p]);
  }
}

template <class W, int P, class X>
TYPECASE_INLINE void add_any_fourth(const X& x, const std::uint8_t* const (&run)[P],
                                    Vec (&total)[P]) noexcept {
  if constexpr (X::kDigits > 1) {
    if (__builtin_expect(x.fourth != 0, 0)) add_fourth<W, P>(x, run, total);
  }
}

/// Σ q·x / scale of a block: its digits put together.
TYPECASE_INLINE Vec joined(const Ints (&digit)[1]) { return to_float(digit[0]); }
TYPECASE_INLINE Vec joined(const Ints (&digit)[3]) {
  return fma(to_float(digit[2]), vec(65536.0f), to_float(digit[0] + (digit[1] << 8)));
}

/// y + d·2^e·Σ q·digits (+ m·Σ x): what a block adds but for a fourth digit.
template <class W, class X>
TYPECASE_INLINE Vec with_block(Vec y, const X& x, const Ints (&digit)[X::kDigits],
                               const std::uint8_t* run) {
  y = fma(joined(digit), load_f16(run) * vec(x.scale), y);
  if constexpr (W::kMinimum) y = fma(load_f16(run + 32), vec(x.sum), y);
  return y;
}

struct QuadTask {
  const float* x;  // [R][x_stride] as the pack function makes them, from the chain's first block on
  std::size_t x_stride;
  float* out;  // [R][out_stride]; panel p writes 16 floats at p · 16
  std::size_t out_stride;
  int blocks;                     // of a chain
  bool add;                       // out += instead of out =
  const float* bias = nullptr;    // after the last chain: the first panel's, or null
  DType round = DType::float32;   // and this
  std::size_t left, panel_bytes;  // as in TileTask
  std::size_t after = 0;          // how much further on lies what is needed after all rows
};

/// out[r][p] (+)= Σ over a chain of blocks of d·2^e·Σ q·digits. The sum in a block is exact.
template <class W, class X, int R, int P>
[[gnu::noinline]] void quad_tile(const QuadTask& t, const std::uint8_t* panel) noexcept {
  Vec total[R][P];
  TYPECASE_UNROLL
  for (int r = 0; r < R; ++r) {
    TYPECASE_UNROLL
    for (int p = 0; p < P; ++p) total[r][p] = vec(0.0f);
  }
  for (int b = 0; b < t.blocks; ++b) {
    const X* x[R];
    Ints acc[R][P][X::kDigits];
    TYPECASE_UNROLL
    for (int r = 0; r < R; ++r) {
      x[r] = reinterpret_cast<const X*>(t.x + static_cast<std::size_t>(r) * t.x_stride) + b;
      TYPECASE_UNROLL
      for (int j = 0; j < X::kDigits; ++j) {
        const Ints first = start<W>(*x[r], j);
        TYPECASE_UNROLL
        for (int p = 0; p < P; ++p) acc[r][p][j] = first;
      }
    }
    const std::size_t done = static_cast<std::size_t>(b) * W::kBytes;
    // Behind a panel's end comes the panel P further on: see stream_ahead.
    const std::size_t hop = done + kPrefetch < t.left ? 0 : (P - 1) * t.panel_bytes;
    const std::size_t ahead = t.after != 0 ? t.after : kPrefetch + hop;
    const std::uint8_t* run[P];
    for (int p = 0; p < P; ++p) run[p] = panel + static_cast<std::size_t>(p) * t.panel_bytes + done;
    const auto ask = [&](int p, int line) {
      __builtin_prefetch(run[p] + ahead + 64 * line, 0, kSecondCache);
    };
    for (int i = 0; i < W::kWords; ++i) {
      TYPECASE_UNROLL
      for (int p = 0; p < P; ++p) {
        ask(p, i);
        const Ints word = load_ints(run[p] + W::kHeader + 64 * i);
        for (int half = 0; half < W::kHalves; ++half) {
          const Ints w = W::quad(word, half);
          const int k = 4 * (i + half * W::kWords);
          TYPECASE_UNROLL
          for (int r = 0; r < R; ++r) {
            TYPECASE_UNROLL
            for (int j = 0; j < X::kDigits; ++j) {
              acc[r][p][j] = dot4(broadcast(x[r]->digit[j] + k), w, acc[r][p][j]);
            }
          }
        }
      }
    }
    TYPECASE_UNROLL
    for (int p = 0; p < P; ++p) {
      ask(p, W::kWords);
      TYPECASE_UNROLL
      for (int r = 0; r < R; ++r) {
        total[r][p] = with_block<W>(total[r][p], *x[r], acc[r][p], run[p]);
      }
    }
    TYPECASE_UNROLL
    for (int r = 0; r < R; ++r) add_any_fourth<W, P>(*x[r], run, total[r]);
  }
  TYPECASE_UNROLL
  for (int r = 0; r < R; ++r) {
    TYPECASE_UNROLL
    for (int p = 0; p < P; ++p) {
      float* out = t.out + static_cast<std::size_t>(r) * t.out_stride + p * kPanel;
      store(out, t.add ? load_floats(out) + total[r][p] : total[r][p]);
    }
  }
  if (t.bias != nullptr || t.round != DType::float32) {
    finish(t.out, t.out_stride, R, P * kPanel, t.bias, t.round);
  }
}

/// R rows times any number of panels: as many at once as there are registers for the sums.
template <class W, class X, int R>
void quad_rows(QuadTask t, const std::uint8_t* panel, int count) noexcept {
  constexpr int kFit = 24 / (R * (X::kDigits + 1));
  constexpr int kAtOnce = kFit >= 6 ? 6 : kFit >= 3 ? 3 : kFit >= 2 || R <= 4 ? 2 : 1;
  constexpr int kSome = kAtOnce == 6 ? 3 : 1;
  while (count > 0) {
    int now = 1;
    if (count >= kAtOnce) {
      now = kAtOnce;
      quad_tile<W, X, R, kAtOnce>(t, panel);
    } else if (kSome > 1 && count >= kSome) {
      now = kSome;
      quad_tile<W, X, R, kSome>(t, panel);
    } else {
      quad_tile<W, X, R, 1>(t, panel);
    }
    count -= now;
    panel += static_cast<std::size_t>(now) * t.panel_bytes;
    t.out += now * kPanel;
    if (t.bias != nullptr) t.bias += now * kPanel;
  }
}

constexpr int kMostQuadRows = 6;

/// `rows` rows, R at most, in one tile.
template <class W, class X, int R = kMostQuadRows>
void some_quad_rows(const QuadTask& t, int rows, const std::uint8_t* panel, int count) noexcept {
  if (rows == R) return quad_rows<W, X, R>(t, panel, count);
  if constexpr (R > 1) some_quad_rows<W, X, R - 1>(t, rows, panel, count);
}

/// `after`: while the last of several tiles is multiplied, what comes next is asked for.
template <class W, class X>
void quad_block(QuadTask t, int rows, const std::uint8_t* panel, int count,
                std::size_t after) noexcept {
  const int all = rows;
  while (rows > 0) {
    const int now = rows < kMostQuadRows ? rows : kMostQuadRows;
    if (now == rows && rows < all) t.after = after;
    some_quad_rows<W, X>(t, now, panel, count);
    rows -= now;
    t.x += static_cast<std::size_t>(now) * t.x_stride;
    t.out += static_cast<std::size_t>(now) * t.out_stride;
  }
}

template <class W, class X>
void multiply_quads(const MultiplyTask& m, const float* x, std::size_t x_stride) noexcept {
  constexpr int kBlockFloats = sizeof(X) / sizeof(float);
  const int blocks = m.matrix->in / kQuantisedBlock;
  for (int first = m.first; first < m.last; first += kPanelGroup) {
    const int count = m.last - first < kPanelGroup ? m.last - first : kPanelGroup;
    for (int b = 0; b < blocks; b += kBlockChain) {
      const bool last = b + kBlockChain >= blocks;
      const std::size_t done = static_cast<std::size_t>(b) * W::kBytes;
      const QuadTask t{.x = x + b * kBlockFloats,
                       .x_stride = x_stride,
                       .out = m.out + (first - m.first) * kPanel,
                       .out_stride = m.out_stride,
                       .blocks = last ? blocks - b : kBlockChain,
                       .add = b > 0,
                       .bias = last && m.bias != nullptr ? m.bias + first * kPanel : nullptr,
                       .round = last ? m.dtype : DType::float32,
                       .left = m.matrix->panel_bytes - done,
                       .panel_bytes = m.matrix->panel_bytes};
      // The panels' next chain; after the last one the next group's first.
      const std::size_t after = last ? kPanelGroup * m.matrix->panel_bytes - done
                                     : static_cast<std::size_t>(kBlockChain) * W::kBytes;
      quad_block<W, X>(t, m.rows, panel_begin(m, first) + done, count, after);
    }
  }
}

/// f<W, X>(x, x_stride) for the product's weights and rows, packed.
template <class F>
void with_quads(const MultiplyTask& m, const F& f) noexcept {
  const RowForm form = m.eight_bits ? RowForm::eight_bits : RowForm::quads;
  const std::size_t stride = row_stride(form, m.matrix->in);
  const float* x = packed_rows(m, m.eight_bits ? pack_eight_bits : pack_quads, stride);
  const auto with_weights = [&]<class W>(W) {
    m.eight_bits ? f.template operator()<W, EightBitBlock>(x, stride)
                 : f.template operator()<W, QuadBlock>(x, stride);
  };
  switch (m.matrix->format) {
    case Format::q8_0_quads:
      return with_weights(EightBits{});
    case Format::q4_0_quads:
      return with_weights(FourBits<false>{});
    default:
      return with_weights(FourBits<true>{});
  }
}

inline void multiply_quads(const MultiplyTask& m) noexcept {
  with_quads(m, [&]<class W, class X>(const float* x, std::size_t x_stride) {
    multiply_quads<W, X>(m, x, x_stride);
  });
}
