// Included inside the namespace of an ISA level, after formats.h.

/// How far ahead a tile of few rows asks for weights: they come from memory then, once each, and
/// the processor's own guesses leave a third of its bandwidth unused.
constexpr int kPrefetch = 2048;
constexpr int kPrefetchRows = 2;

/// Where a tile's operands lie.
struct TileTask {
  const float* x;  // [R][x_stride]
  std::size_t x_stride;
  float* out;  // [R][out_stride]; panel p writes 16 floats at p · 16
  std::size_t out_stride;
  int n;     // inputs in the chain
  bool add;  // out += instead of out =
  // For asking ahead: bytes from the panels' pointers to the panel's end, and of a whole panel.
  std::size_t left = static_cast<std::size_t>(-1);
  std::size_t panel_bytes = 0;
};

/// out[r][p] (+)= Σ_k x[r][k] · W_p[k], one chain from k = 0 to n − 1, for R rows and P panels.
/// The accumulators stay in registers; x is broadcast, weights are read once for all R rows.
template <class F, int R, int P>
[[gnu::noinline]] void tile(const TileTask& t, const std::uint8_t* const* panels) noexcept {
  Vec acc[R][P];
  for (int r = 0; r < R; ++r) {
    for (int p = 0; p < P; ++p) acc[r][p] = vec(0.0f);
  }
  const std::uint8_t* at[P];
  for (int p = 0; p < P; ++p) at[p] = panels[p];
  const float* x = t.x;
  for (int k = 0; k < t.n; k += F::kRun) {
    typename F::Shared shared[P];
    const std::uint8_t* run[P];
    for (int p = 0; p < P; ++p) {
      run[p] = F::run(at[p], k);
      shared[p] = F::shared(run[p]);
    }
    // Steps that read about a cache line of weights, which is asked for once.
    constexpr int kStepBytes = F::kBytes * F::kStep / F::kRun;
    constexpr int kLine = kStepBytes >= 64 || F::kRun == F::kStep ? 1 : 4;
    static_assert(F::kRun % (F::kStep * kLine) == 0);
    // Behind a panel's end lies its neighbour, which this tile reads too: what comes next on this
    // stream is the panel P further on.
    const std::size_t done = static_cast<std::size_t>(run[0] - at[0]);
    const std::size_t hop = done + kPrefetch < t.left ? 0 : (P - 1) * t.panel_bytes;
    for (int i = 0; i < F::kRun; i += F::kStep * kLine) {
      if constexpr (R <= kPrefetchRows) {
        const std::size_t ahead =
            hop + kPrefetch + static_cast<std::size_t>(i / F::kStep * kStepBytes);
        for (int p = 0; p < P; ++p) __builtin_prefetch(run[p] + ahead);
      }
      for (int j = i; j < i + F::kStep * kLine; j += F::kStep) {
        Vec w[P][F::kStep];
        for (int p = 0; p < P; ++p) F::load(run[p], shared[p], j, w[p]);
        for (int s = 0; s < F::kStep; ++s) {
          const float* column = x + (k + j + s);
          for (int r = 0; r < R; ++r) {
            const Vec xs = vec(column[static_cast<std::size_t>(r) * t.x_stride]);
            for (int p = 0; p < P; ++p) acc[r][p] = fma(xs, w[p][s], acc[r][p]);
          }
        }
      }
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int p = 0; p < P; ++p) {
      float* out = t.out + static_cast<std::size_t>(r) * t.out_stride + p * kPanel;
      store(out, t.add ? load_floats(out) + acc[r][p] : acc[r][p]);
    }
  }
}

/// Panels that R rows take at once: as many as the accumulator registers hold.
constexpr int panels_for(int rows) {
  const int fit = kAccumulators / (rows * kParts);
  return fit >= 4 ? 4 : fit >= 2 ? 2 : 1;
}

/// R rows times any number of panels.
template <class F, int R>
void rows_of(TileTask t, const std::uint8_t* const* panels, int count) noexcept {
  constexpr int P = panels_for(R);
  int p = 0;
  for (; p + P <= count; p += P, t.out += P * kPanel) tile<F, R, P>(t, panels + p);
  for (; p < count; ++p, t.out += kPanel) tile<F, R, 1>(t, panels + p);
}

template <class F, int R = kQueries>
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

/// Any number of rows times any number of panels.
template <class F>
void tiles(TileTask t, int rows, const std::uint8_t* const* panels, int count) noexcept {
  for (int r = 0; r < rows; r += kQueries) {
    const int now = rows - r < kQueries ? rows - r : kQueries;
    some_rows<F>(t, now, panels, count);
    t.x += kQueries * t.x_stride;
    t.out += kQueries * t.out_stride;
  }
}

/// Inputs 0 … n − 1 of a panel's block as floats, [n][16]: the values tile<F> would multiply with.
template <class F>
void expand(const std::uint8_t* panel, int n, float* to) noexcept {
  for (int k = 0; k < n; k += F::kRun) {
    const std::uint8_t* run = F::run(panel, k);
    const auto shared = F::shared(run);
    for (int i = 0; i < F::kRun; i += F::kStep) {
      Vec w[F::kStep];
      F::load(run, shared, i, w);
      for (int s = 0; s < F::kStep; ++s) store(to + (k + i + s) * kPanel, w[s]);
    }
  }
}

/// From this number of rows on it pays to dequantise a block of panels once into scratch.
constexpr int kExpandRows = 5;

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
  if (m.rows < kExpandRows || m.matrix->format == Format::float32) {
    TileTask direct = t;
    direct.panel_bytes = m.matrix->panel_bytes;
    direct.left = direct.panel_bytes - static_cast<std::size_t>(panels[0] - panel_begin(m, first));
    tiles<F>(direct, m.rows, panels, count);
    return;
  }
  for (int p = 0; p < count; ++p) {
    float* to = m.scratch + p * kInputBlock * kPanel;
    expand<F>(panels[p], t.n, to);
    panels[p] = reinterpret_cast<const std::uint8_t*>(to);
  }
  tiles<F32>(t, m.rows, panels, count);
}

/// Format::blocks: always by way of scratch.
inline void stored_block_times_rows(const TileTask& t, const MultiplyTask& m, int k, int first,
                                    int count) noexcept {
  const std::uint8_t* panels[kPanelGroup];
  for (int p = 0; p < count; ++p) {
    float* to = m.scratch + p * kInputBlock * kPanel;
    m.matrix->expand_blocks(first + p, k, t.n, to);
    panels[p] = reinterpret_cast<const std::uint8_t*>(to);
  }
  tiles<F32>(t, m.rows, panels, count);
}

inline void one_block(const TileTask& t, const MultiplyTask& m, int k, int first,
                      int count) noexcept {
  const bool rounded = m.matrix->rounded;
  switch (m.matrix->format) {
    case Format::float32:
      return block_times_rows<F32>(t, m, k, first, count);
    case Format::float16:
      return block_times_rows<F16>(t, m, k, first, count);
    case Format::bfloat16:
      return block_times_rows<BF16>(t, m, k, first, count);
    case Format::bfloat16_plain:
      return block_times_rows<BF16Plain>(t, m, k, first, count);
    case Format::q8_0:
      return rounded ? block_times_rows<ToBF16<Q8_0>>(t, m, k, first, count)
                     : block_times_rows<Q8_0>(t, m, k, first, count);
    case Format::q4_0:
      return rounded ? block_times_rows<ToBF16<Q4<false>>>(t, m, k, first, count)
                     : block_times_rows<Q4<false>>(t, m, k, first, count);
    case Format::q4_1:
      return rounded ? block_times_rows<ToBF16<Q4<true>>>(t, m, k, first, count)
                     : block_times_rows<Q4<true>>(t, m, k, first, count);
    case Format::blocks:
      return stored_block_times_rows(t, m, k, first, count);
  }
}

/// y = r(y + bias) on the columns just computed.
template <DType D>
void finish(const MultiplyTask& m, int first, int count) noexcept {
  if (D == DType::float32 && m.bias == nullptr) return;
  for (int r = 0; r < m.rows; ++r) {
    for (int p = first; p < first + count; ++p) {
      float* at = m.out + static_cast<std::size_t>(r) * m.out_stride + p * kPanel;
      Vec y = load_floats(at);
      if (m.bias != nullptr) y = y + load_floats(m.bias + p * kPanel);
      store(at, rounded<D>(y));
    }
  }
}

inline void multiply(const MultiplyTask& m) noexcept {
  // Pairs of inputs: an odd last input is padded by a zero weight and a zero in x.
  const int in = m.matrix->format == Format::bfloat16 ? (m.matrix->in + 1) / 2 * 2 : m.matrix->in;
  for (int first = m.first; first < m.last; first += kPanelGroup) {
    const int count = m.last - first < kPanelGroup ? m.last - first : kPanelGroup;
    for (int k = 0; k < in; k += kInputBlock) {
      const int n = in - k < kInputBlock ? in - k : kInputBlock;
      const TileTask t{m.x + k, m.x_stride, m.out + first * kPanel, m.out_stride, n, k > 0};
      one_block(t, m, k, first, count);
    }
    switch (m.dtype) {
      case DType::bfloat16:
        finish<DType::bfloat16>(m, first, count);
        break;
      case DType::float16:
        finish<DType::float16>(m, first, count);
        break;
      default:
        finish<DType::float32>(m, first, count);
        break;
    }
  }
}
