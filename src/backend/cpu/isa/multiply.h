// Included inside the namespace of an ISA level, after formats.h.

/// How far ahead a tile of few rows asks for weights: they come from memory then, once each, and
/// the processor's own guesses leave a third of its bandwidth unused. Into the second cache: the
/// first one's few buffers for misses would be the limit.
constexpr int kPrefetch = 2048;
constexpr int kPrefetchRows = 4;

/// Rows that every format has tiles for; formats that need no work take more (kTall).
constexpr int kTileRows = 6;

/// Where a tile's operands lie. The chain may run through several parts, which lie anywhere: part b
/// of panel p at panels[b · kPanelGroup + p], each of n lanes.
struct TileTask {
  const float* x;  // [R][x_stride]
  std::size_t x_stride;
  float* out;  // [R][out_stride]; panel p writes 16 floats at p · 16
  std::size_t out_stride;
  int n;     // lanes of inputs in a part of the chain
  bool add;  // out += instead of out =
  // After the sum's last chain: out = r(out + bias).
  const float* bias = nullptr;  // the first panel's, or null
  DType round = DType::float32;
  // For asking ahead: bytes from the panels' pointers to the panel's end, and of a whole panel.
  std::size_t left = static_cast<std::size_t>(-1);
  std::size_t panel_bytes = 0;
  const std::uint8_t* const* ahead = nullptr;  // or: what is needed next, a panel for each
  // What is needed when all rows have passed these panels: the last rows' tile asks for it, so that
  // memory is read while they are multiplied.
  const std::uint8_t* const* after = nullptr;
  int parts = 1;
};

/// Formats whose weights need no work before they are multiplied.
template <class F>
constexpr bool kPlain = F::kRun == 1 && F::kBytes == 64;

/// Formats whose runs are long: asked for step by step, multiplied panel by panel.
template <class F>
constexpr bool kLong = F::kBytes > 1024;

/// Formats with scales on levels where a vector takes several registers, which are few then.
template <class F>
constexpr bool kTight = kParts > 1 && F::kRun > F::kStep;

/// Formats whose weights are multiplied panel by panel, as soon as they are decoded: those of
/// several panels would find no registers beside the sums.
template <class F>
constexpr bool kByPanel = kLong<F> || kTight<F>;

/// Whether a tile asks ahead. With many rows it is cheap where it is asked for once a load.
template <class F, int R>
constexpr bool kAsks = R <= kPrefetchRows || kPlain<F> || kLong<F>;

/// Where a tile finds what it will need on panel p's stream, at the distance it has from `run`.
template <int P>
TYPECASE_INLINE const std::uint8_t* stream_ahead(const TileTask& t,
                                                 const std::uint8_t* const* panels, int part,
                                                 const std::uint8_t* run, int p) {
  const std::uint8_t* own = panels[part * kPanelGroup + p];
  const std::size_t done = static_cast<std::size_t>(run - own);
  if (t.parts > 1) {
    constexpr int kAhead = 3;
    return panels[(part + kAhead < t.parts ? part + kAhead : t.parts - 1) * kPanelGroup + p] + done;
  }
  if (t.ahead != nullptr) return t.ahead[p] + done;
  // Behind a panel's end lies its neighbour, which this tile reads too: what comes next on this
  // stream is the panel P further on.
  return run + kPrefetch + (done + kPrefetch < t.left ? 0 : (P - 1) * t.panel_bytes);
}

/// After a sum's last chain: out = r(out + bias), [rows][floats].
[[gnu::noinline]] inline void finish(float* out, std::size_t stride, int rows, int floats,
                                     const float* bias, DType round) noexcept {
  for (int r = 0; r < rows; ++r, out += stride) {
    for (int i = 0; i < floats; i += kPanel) {
      const Vec y = load_floats(out + i);
      store(out + i, rounded_to(round, bias != nullptr ? y + load_floats(bias + i) : y));
    }
  }
}

/// out[r][p] (+)= Σ_k x[r][k] · W_p[k], one chain from the first lane to the last, for R rows and P
/// panels.
/// The accumulators stay in registers; x is broadcast, weights are read once for all R rows.
template <class F, int R, int P>
[[gnu::noinline]] void tile(const TileTask& t, const std::uint8_t* const* panels) noexcept {
  Vec acc[R][P];
  TYPECASE_UNROLL
  for (int r = 0; r < R; ++r) {
    TYPECASE_UNROLL
    for (int p = 0; p < P; ++p) acc[r][p] = vec(0.0f);
  }
  for (int b = 0; b < t.parts; ++b) {
    const float* x = t.x + b * t.n;
    for (int k = 0; k < t.n; k += F::kRun) {
      typename F::Shared shared[P];
      const std::uint8_t *run[P], *next[P];
      for (int p = 0; p < P; ++p) {
        run[p] = F::run(panels[b * kPanelGroup + p], k);
        shared[p] = F::shared(run[p]);
        if constexpr (kAsks<F, R>) next[p] = stream_ahead<P>(t, panels, b, run[p], p);
      }
      // Steps that read about a cache line of weights, which is asked for once.
      constexpr int kStepBytes = F::kBytes * F::kStep / F::kRun;
      constexpr int kLine = kStepBytes >= 64 || F::kRun == F::kStep ? 1 : 4;
      static_assert(F::kRun % (F::kStep * kLine) == 0);
      for (int i = 0; i < F::kRun; i += F::kStep * kLine) {
        if constexpr (kAsks<F, R>) {
          const int inside = i / F::kStep * kStepBytes;
          for (int p = 0; p < P; ++p) {
            const auto* at =
                kLong<F> ? stream_ahead<P>(t, panels, b, run[p] + inside, p) : next[p] + inside;
            for (int line = 0; line < kStepBytes; line += 64)
              __builtin_prefetch(at + line, 0, kSecondCache);
          }
        }
        for (int j = i; j < i + F::kStep * kLine; j += F::kStep) {
          if constexpr (kByPanel<F>) {
            // Scales are read from memory, every time, for the same reason.
            const auto* scales = shared;
            if constexpr (kTight<F>) __asm__("" : "+r"(scales));
            for (int p = 0; p < P; ++p) {
              Vec w[F::kStep];
              F::load(run[p], scales[p], j, w);
              for (int s = 0; s < F::kStep; ++s) {
                const float* column = x + (k + j + s);
                for (int r = 0; r < R; ++r) {
                  const Vec xs = vec(column[static_cast<std::size_t>(r) * t.x_stride]);
                  acc[r][p] = F::multiply_add(xs, w[s], acc[r][p]);
                }
              }
            }
            continue;
          }
          Vec w[P][F::kStep];
          for (int p = 0; p < P; ++p) F::load(run[p], shared[p], j, w[p]);
          for (int s = 0; s < F::kStep; ++s) {
            const float* column = x + (k + j + s);
            for (int r = 0; r < R; ++r) {
              const Vec xs = vec(column[static_cast<std::size_t>(r) * t.x_stride]);
              for (int p = 0; p < P; ++p) acc[r][p] = F::multiply_add(xs, w[p][s], acc[r][p]);
            }
          }
        }
      }
    }
  }
  // Loops unrolled, and rounding apart: else the sums would go by way of the stack, which costs a
  // short chain a tenth.
  TYPECASE_UNROLL
  for (int r = 0; r < R; ++r) {
    TYPECASE_UNROLL
    for (int p = 0; p < P; ++p) {
      float* out = t.out + static_cast<std::size_t>(r) * t.out_stride + p * kPanel;
      store(out, t.add ? load_floats(out) + acc[r][p] : acc[r][p]);
    }
  }
  if (t.bias != nullptr || t.round != DType::float32) {
    finish(t.out, t.out_stride, R, P * kPanel, t.bias, t.round);
  }
}

/// Panels that R rows take at once: as many as the accumulator registers hold, and so that they
/// divide a group. Where a group is not whole, four panels go together rather than by threes.
template <class F>
constexpr int accumulators_for(int rows) {
  // With three rows two panels would leave no registers to decode in.
  const int there = kTight<F> && rows > 2 ? kAccumulators / 2 : kAccumulators;
  return there / (rows * kParts);
}
template <class F>
constexpr int panels_for(int rows) {
  const int fit = accumulators_for<F>(rows);
  return fit >= 6 ? 6 : fit >= 3 ? 3 : fit >= 2 ? 2 : 1;
}
template <class F>
constexpr int left_panels_for(int rows) {
  const int fit = accumulators_for<F>(rows);
  return fit >= 4 ? 4 : fit >= 2 ? 2 : 1;
}

/// R rows times any number of panels.
template <class F, int R>
void rows_of(TileTask t, const std::uint8_t* const* panels, int count) noexcept {
  constexpr int P = panels_for<F>(R), kLeft = left_panels_for<F>(R);
  for (int p = 0; p < count;) {
    const int left = count - p;
    int now = 1;
    if (left >= P && left != kLeft && left != 2 * kLeft) {
      now = P;
      tile<F, R, P>(t, panels + p);
    } else if (left >= kLeft) {
      now = kLeft;
      tile<F, R, kLeft>(t, panels + p);
    } else {
      tile<F, R, 1>(t, panels + p);
    }
    p += now;
    t.out += now * kPanel;
    if (t.bias != nullptr) t.bias += now * kPanel;
    if (t.ahead != nullptr) t.ahead += now;
  }
}

/// Rows of the tallest tile, of two panels, for plain formats on levels with many registers.
constexpr int kTall = kAccumulators / (2 * kParts);
template <class F>
constexpr bool kTallTiles = kPlain<F> && kTall > kTileRows;
/// And of the tallest one of three panels.
template <class F>
constexpr int kMostRows = kTallTiles<F> || kLong<F> ? kAccumulators / (3 * kParts) : kTileRows;

template <class F, int R = kMostRows<F>>
TYPECASE_INLINE void some_rows(const TileTask& t, int rows, const std::uint8_t* const* panels,
                               int count) noexcept {
  if constexpr (R > 0) {
    if (rows == R) {
      rows_of<F, R>(t, panels, count);
    } else {
      some_rows<F, R - 1>(t, rows, panels, count);
    }
  }
}

/// The same operands from row `r` on; `last`: up to the end.
inline TileTask moved(TileTask t, int r, bool last) noexcept {
  t.x += static_cast<std::size_t>(r) * t.x_stride;
  t.out += static_cast<std::size_t>(r) * t.out_stride;
  if (last && r > 0 && t.after != nullptr) t.ahead = t.after;
  return t;
}

/// Any number of rows times any number of panels. Few rows that would be left over at the end are
/// shared out between the last two tiles: a tile of few rows is mostly loads.
template <class F>
void tiles(const TileTask& t, int rows, const std::uint8_t* const* panels, int count) noexcept {
  constexpr int kMost = kMostRows<F>;
  for (int r = 0; r < rows;) {
    const int left = rows - r;
    if constexpr (kTallTiles<F>) {
      if (left == kTall || left > 2 * kMost) {
        rows_of<F, kTall>(moved(t, r, left == kTall), panels, count);
        r += kTall;
        continue;
      }
    }
    const int now = left <= kMost ? left : left < 2 * kMost ? (left + 1) / 2 : kMost;
    some_rows<F, kMost>(moved(t, r, now == left), now, panels, count);
    r += now;
  }
}

/// Inputs 0 … n − 1 of a panel's block as floats, [n][16]: the values tile<F> would multiply with.
template <class F>
void expand(const std::uint8_t* panel, int n, float* to) noexcept {
  for (int k = 0; k < n; k += F::kRun) {
    const std::uint8_t* run = F::run(panel, k);
    const auto shared = F::shared(run);
    if constexpr (kLong<F>) {
      for (int line = 0; line < F::kBytes; line += 64) {
        __builtin_prefetch(run + kPrefetch + line, 0, kSecondCache);
      }
    }
    for (int i = 0; i < F::kRun; i += F::kStep) {
      Vec w[F::kStep];
      F::load(run, shared, i, w);
      for (int s = 0; s < F::kStep; ++s) store(to + (k + i + s) * kPanel, w[s]);
    }
  }
}

template <bool kFirst, class A, class B>
struct Choice {
  using Type = A;
};
template <class A, class B>
struct Choice<false, A, B> {
  using Type = B;
};
/// What expand<F>() writes, as a format.
template <class F>
using Expanded = typename Choice<F::kInputs == 2, BF16Pairs, F32>::Type;

/// From this number of rows on it pays to dequantise a block of panels once into scratch.
constexpr int kExpandRows = 5;
/// Where a load costs as little as here, only with more rows.
constexpr int kExpandRowsLong = 17;

inline const std::uint8_t* panel_begin(const MultiplyTask& m, int panel) noexcept {
  return reinterpret_cast<const std::uint8_t*>(m.matrix->panel(panel));
}

template <class F>
void block_times_rows(const TileTask& t, const MultiplyTask& m, int k, int first,
                      int count) noexcept {
  const std::uint8_t* panels[kPanelGroup];
  for (int p = 0; p < count; ++p) {
    panels[p] = F::run(panel_begin(m, first + p), k);
  }
  TileTask direct = t;
  direct.panel_bytes = m.matrix->panel_bytes;
  direct.left = direct.panel_bytes - static_cast<std::size_t>(panels[0] - panel_begin(m, first));
  if constexpr (kPlain<F>) {
    // After this block comes the panels' next one; after the last whole one the next group's first.
    const std::size_t bytes = static_cast<std::size_t>(t.n) * F::kBytes;
    const std::size_t group = kPanelGroup * direct.panel_bytes;
    const std::size_t hop = direct.left >= 2 * bytes ? bytes
                            : t.n < kInputBlock      ? group
                                                     : group - (direct.panel_bytes - direct.left);
    const std::uint8_t* after[kPanelGroup];
    for (int p = 0; p < count; ++p) after[p] = panels[p] + hop;
    direct.after = after;
    tiles<F>(direct, m.rows, panels, count);
  } else if (kLong<F> && m.rows < kExpandRowsLong) {
    if constexpr (kLong<F>) tiles<F>(direct, m.rows, panels, count);
  } else if (m.rows < kExpandRows) {
    some_rows<F, kExpandRows - 1>(direct, m.rows, panels, count);
  } else {
    for (int p = 0; p < count; ++p) {
      float* to = m.scratch + p * kInputBlock * kPanel;
      expand<F>(panels[p], t.n, to);
      panels[p] = reinterpret_cast<const std::uint8_t*>(to);
    }
    tiles<Expanded<F>>(t, m.rows, panels, count);
  }
}

/// The chain of a block that begins at lane `done`.
inline TileTask chain_of(TileTask t, int done) noexcept {
  const bool last = done + kChain >= t.n;
  t.x += done;
  t.add = t.add || done > 0;
  t.n = last ? t.n - done : kChain;
  if (!last) {
    t.round = DType::float32;
    t.bias = nullptr;
  }
  return t;
}

/// Format::blocks: always by way of scratch.
template <bool kPairs>
void stored_block_times_rows(const TileTask& t, const MultiplyTask& m, int k, int first,
                             int count) noexcept {
  const std::uint8_t* panels[kPanelGroup];
  for (int p = 0; p < count; ++p) {
    float* to = m.scratch + p * 2 * kInputBlock * kPanel;
    panels[p] = reinterpret_cast<const std::uint8_t*>(to);
    if constexpr (kPairs) {
      m.matrix->expand_blocks(first + p, 2 * k, 2 * t.n, to);
      for (int i = 0; i < t.n; ++i) {
        const float* two = to + 2 * i * kPanel;
        store(to + i * kPanel, pair_of(load_floats(two), load_floats(two + kPanel)));
      }
    } else {
      m.matrix->expand_blocks(first + p, k, t.n, to);
    }
  }
  if constexpr (kPairs) {
    tiles<BF16Pairs>(t, m.rows, panels, count);
  } else {
    for (int done = 0; done < t.n; done += kChain) {
      tiles<F32>(chain_of(t, done), m.rows, panels, count);
      for (int p = 0; p < count; ++p) panels[p] += kChain * kPanel * sizeof(float);
    }
  }
}

template <class F>
void quantised_block_times_rows(const TileTask& t, const MultiplyTask& m, int k, int first,
                                int count) noexcept {
  if constexpr (!kDots) {  // else these go in pairs
    if (m.matrix->rounded) return block_times_rows<ToBF16<F>>(t, m, k, first, count);
  }
  block_times_rows<F>(t, m, k, first, count);
}

inline void one_block(const TileTask& t, const MultiplyTask& m, int k, int first,
                      int count) noexcept {
  switch (m.matrix->format) {
    case Format::float32:
      return block_times_rows<F32>(t, m, k, first, count);
    case Format::float16:
      return block_times_rows<F16>(t, m, k, first, count);
    case Format::bfloat16:
      return block_times_rows<BF16>(t, m, k, first, count);
    case Format::bfloat16_recoded:
      return;  // in pairs alone
    case Format::q8_0:
      return quantised_block_times_rows<Q8_0>(t, m, k, first, count);
    case Format::q4_0:
      return quantised_block_times_rows<Q4<false>>(t, m, k, first, count);
    case Format::q4_1:
      return quantised_block_times_rows<Q4<true>>(t, m, k, first, count);
    case Format::q8_0_quads:
    case Format::q4_0_quads:
    case Format::q4_1_quads:
      return;  // see quads.h
    case Format::blocks:
      return stored_block_times_rows<false>(t, m, k, first, count);
  }
}

/// The formats of a bfloat16 plan, two inputs at a time.
template <bool kAvailable = kDots>
void one_block_of_pairs(const TileTask& t, const MultiplyTask& m, int k, int first,
                        int count) noexcept {
  if constexpr (kAvailable) {
    switch (m.matrix->format) {
      case Format::bfloat16_recoded:
        return block_times_rows<BF16Recoded>(t, m, k, first, count);
      case Format::q8_0:
        return block_times_rows<InPairs<ToBF16<Q8_0>>>(t, m, k, first, count);
      case Format::q4_0:
        return block_times_rows<InPairs<ToBF16<Q4<false>>>>(t, m, k, first, count);
      case Format::q4_1:
        return block_times_rows<InPairs<ToBF16<Q4<true>>>>(t, m, k, first, count);
      case Format::blocks:
        return stored_block_times_rows<true>(t, m, k, first, count);
      default:
        return block_times_rows<BF16Pairs>(t, m, k, first, count);
    }
  }
}

/// A row as pairs of bfloat16, which its numbers are already. An odd last input is followed by a
/// zero.
inline void pack(const float* x, int in, float* to) noexcept {
  int i = 0;
  for (; i + 2 * kPanel <= in; i += 2 * kPanel) {  // a whole cache line is written
    store_pairs(to + i / 2, load_floats(x + i), load_floats(x + i + kPanel));
  }
  for (; i < in; i += kPanel) store_pairs(to + i / 2, load_first(x, i, in));
}

/// The rows as one of the pack functions makes them, `stride` floats each: given, or made here.
inline const float* packed_rows(const MultiplyTask& m,
                                void (*pack)(const float*, int, float*) noexcept,
                                std::size_t stride) noexcept {
  if (m.packed != nullptr) return m.packed;
  for (int r = 0; r < m.rows; ++r) {
    const auto row = static_cast<std::size_t>(r);
    pack(m.x + row * m.x_stride, m.matrix->in, m.row_scratch + row * stride);
  }
  return m.row_scratch;
}

/// Whether both sides of the products are bfloat16 numbers, and the level has the dot product.
inline bool in_pairs(const MultiplyTask& m) noexcept {
  return kDots && m.dtype == DType::bfloat16 &&
         (m.matrix->format == Format::bfloat16 || m.matrix->format == Format::bfloat16_recoded ||
          m.matrix->rounded);
}

inline void multiply(const MultiplyTask& m) noexcept {
  const bool pairs = in_pairs(m);
  // Where inputs come in pairs an odd last one is padded by a zero weight and a zero in x.
  const bool even = m.matrix->format == Format::bfloat16;
  const int inputs = even ? (m.matrix->in + 1) / 2 * 2 : m.matrix->in;
  const int lanes = pairs ? inputs / 2 : inputs;
  // The file's own blocks are dequantised whole, and then summed in chains.
  const int block = pairs || m.matrix->format == Format::blocks ? kInputBlock
                    : m.matrix->format == Format::q8_0          ? kChain / 2
                                                                : kChain;
  const std::size_t stride = pairs ? row_stride(RowForm::pairs, m.matrix->in) : m.x_stride;
  const float* x = pairs ? packed_rows(m, pack, stride) : m.x;
  for (int first = m.first; first < m.last; first += kPanelGroup) {
    const int count = m.last - first < kPanelGroup ? m.last - first : kPanelGroup;
    for (int k = 0; k < lanes; k += block) {
      const int n = lanes - k < block ? lanes - k : block;
      TileTask t{x + k, stride, m.out + (first - m.first) * kPanel, m.out_stride, n, k > 0};
      if (k + n == lanes) {
        t.round = m.dtype;
        if (m.bias != nullptr) t.bias = m.bias + first * kPanel;
      }
      pairs ? one_block_of_pairs(t, m, k, first, count) : one_block(t, m, k, first, count);
    }
  }
}
