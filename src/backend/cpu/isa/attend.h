// Included inside the namespace of an ISA level, after multiply.h.

/// Up to kQueries queries of one key head, with the cache in format F and roundings to D.
///
/// Keys go in chunks of kKeyChunk (by their index in the cache), each with the running maximum so
/// far; eager attention takes all keys as one chunk. Every sum over keys goes block by block of 16
/// from the first visible key to the last, so it depends on nothing but the range.
template <class F, DType D>
struct Attend {
  const AttendTask& t;
  int padded, span, low, high;  // head_dim in whole panels; columns of scores; keys anyone sees
  float *q, *scores, *acc;      // [queries][head_dim padded], [queries][span], as q
  float top[kQueries], total[kQueries];

  explicit Attend(const AttendTask& task) : t(task) {
    padded = (t.head_dim + kPanel - 1) / kPanel * kPanel;
    low = t.begin[0];
    high = t.end[0];
    for (int i = 1; i < t.queries; ++i) {
      if (t.begin[i] < low) low = t.begin[i];
      if (t.end[i] > high) high = t.end[i];
    }
    low = low / kPanel * kPanel;
    const int keys = (high + kPanel - 1) / kPanel * kPanel;
    span = (t.eager && keys > kKeyChunk ? keys : kKeyChunk) + kPanelGroup * kPanel;
    q = t.scratch;
    acc = q + kQueries * padded;
    scores = acc + kQueries * padded;
  }

  const std::uint8_t* keys_of(int block) const {
    return reinterpret_cast<const std::uint8_t*>(t.blocks[block]) + t.key_offset;
  }
  const std::uint8_t* values_of(int block) const {
    return reinterpret_cast<const std::uint8_t*>(t.blocks[block]) + t.value_offset;
  }

  void run() {
    for (int i = 0; i < t.queries; ++i) {
      for (int d = 0; d < t.head_dim; ++d)
        q[i * padded + d] = t.q[t.query_at[i] + static_cast<std::size_t>(d)];
      for (int d = 0; d < padded; ++d) acc[i * padded + d] = 0;
      top[i] = -__builtin_inff();
      total[i] = 0;
    }
    const int chunk = t.eager ? high : kKeyChunk;
    for (int from = t.eager ? low : low / kKeyChunk * kKeyChunk; from < high; from += chunk) {
      const int begin = from < low ? low : from;
      const int end = t.eager || high - from < chunk ? high : from + chunk;
      score(begin, end);
      for (int i = 0; i < t.queries; ++i) t.eager ? softmax(i, begin, end) : weigh(i, begin, end);
      gather(begin, end);
    }
    for (int i = 0; i < t.queries; ++i) put(i);
  }

  /// Blocks lie far apart in memory, where no processor guesses the next: while keys are
  /// multiplied, those of the next group are asked for, and behind the last ones the first values.
  const std::uint8_t* asked_ahead(int block, int last) const {
    const int next = block + kPanelGroup;
    return next < last ? keys_of(next) : values_of(block);
  }

  /// scores[i][s − begin] for keys begin … end − 1; those a query does not see become −∞.
  void score(int begin, int end) {
    const int first = begin / kPanel, last = (end + kPanel - 1) / kPanel, blocks = last - first;
    for (int b = 0; b < blocks; b += kPanelGroup) {
      const int count = blocks - b < kPanelGroup ? blocks - b : kPanelGroup;
      const std::uint8_t* panels[kPanelGroup];
      for (int p = 0; p < count; ++p) panels[p] = keys_of(first + b + p);
      for (int d = 0; d < t.head_dim; d += kInputBlock) {
        const int n = t.head_dim - d < kInputBlock ? t.head_dim - d : kInputBlock;
        const std::uint8_t* at[kPanelGroup];
        for (int p = 0; p < count; ++p) at[p] = F::run(panels[p], d);
        const std::uint8_t* next[kPanelGroup];
        for (int p = 0; p < count; ++p) next[p] = F::run(asked_ahead(first + b + p, last), d);
        TileTask tile{q + d,
                      static_cast<std::size_t>(padded),
                      scores + b * kPanel,
                      static_cast<std::size_t>(span),
                      n,
                      d > 0};
        tile.ahead = next;
        tiles<F>(tile, t.queries, at, count);
      }
    }
    for (int i = 0; i < t.queries; ++i) finish_scores(i, begin, blocks * kPanel);
  }

  void finish_scores(int i, int begin, int columns) {
    float* s = scores + i * span;
    for (int c = 0; c < columns; c += kPanel) {
      Vec w = load_floats(s + c);
      if (t.bias != nullptr && t.fused_bias) {
        w = fma(w, vec(t.scale), load_floats(t.bias[i] + begin + c));
        if (t.eager && !t.float32_scores) w = rounded<D>(w);
      } else if (t.eager && !t.float32_scores) {
        w = rounded<D>(rounded<D>(w) * vec(t.scale));
        if (t.softcap > 0) {
          w = rounded<D>(rounded<D>(tanh(rounded<D>(w / vec(t.softcap)))) * vec(t.softcap));
        }
      } else {
        w = w * vec(t.scale);
        if (t.softcap > 0) w = tanh(w / vec(t.softcap)) * vec(t.softcap);
      }
      if (t.bias != nullptr && !t.fused_bias) {
        w = w + load_floats(t.bias[i] + begin + c);
        if (t.eager && !t.float32_scores) w = rounded<D>(w);
      }
      store(s + c, w);
    }
    const float hidden = -__builtin_inff();
    for (int c = 0; c < columns && begin + c < t.begin[i]; ++c) s[c] = hidden;
    for (int c = t.end[i] > begin ? t.end[i] - begin : 0; c < columns; ++c) s[c] = hidden;
  }

  float largest_of(const float* s, int columns) const {
    Vec m = vec(-__builtin_inff());
    for (int c = 0; c < columns; c += kPanel) m = at_least(load_floats(s + c), m);
    return largest(m);
  }

  /// The fused kernel: factors r(e^{s − running maximum}), their unrounded sum, and what was
  /// gathered so far scaled to the new maximum.
  void weigh(int i, int begin, int end) {
    const int columns = (end - begin + kPanel - 1) / kPanel * kPanel;
    float* s = scores + i * span;
    const float m = largest_of(s, columns);
    const float now = m > top[i] || m != m ? m : top[i];
    if (now == -__builtin_inff()) {
      for (int c = 0; c < columns; ++c) s[c] = 0;
      return;
    }
    Vec mass = vec(0.0f);
    for (int c = 0; c < columns; c += kPanel) {
      const Vec x = load_floats(s + c) - vec(now);
      const Vec e = D == DType::float32 ? exp(x) : approximate_exp(x);
      mass = mass + e;
      store(s + c, rounded<D>(e));
    }
    float lane[kPanel];
    store(lane, exp(vec(top[i] - now)));
    const float keep = lane[0];
    total[i] = total[i] * keep + sum(mass);
    if (keep != 1) {
      for (int d = 0; d < padded; d += kPanel) {
        store(acc + i * padded + d, load_floats(acc + i * padded + d) * vec(keep));
      }
    }
    top[i] = now;
  }

  /// Eager: p = r(softmax(scores)), one chunk.
  void softmax(int i, int begin, int end) {
    const int columns = (end - begin + kPanel - 1) / kPanel * kPanel;
    float* s = scores + i * span;
    const float m = largest_of(s, columns);
    Vec mass = vec(0.0f);
    for (int c = 0; c < columns; c += kPanel) {
      const Vec e = m == -__builtin_inff() ? vec(0.0f) : exp(load_floats(s + c) - vec(m));
      mass = mass + e;
      store(s + c, e);
    }
    const float all = sum(mass);
    total[i] = 1;
    for (int c = 0; c < columns; c += kPanel) {
      store(s + c, all > 0 || all != all ? rounded<D>(load_floats(s + c) / vec(all)) : vec(0.0f));
    }
    if (t.probabilities != nullptr) {
      float* to = t.probabilities + static_cast<std::size_t>(i) * t.probability_stride;
      for (int c = t.begin[i]; c < t.end[i]; ++c) to[c] = s[c - begin];
    }
  }

  /// acc += p · V, block by block: those that all queries see whole are shared, at the edges each
  /// query reads its own keys only, so that what it must not see cannot reach it, NaN included.
  void gather(int begin, int end) {
    int inner_begin = begin, inner_end = end;
    for (int i = 0; i < t.queries; ++i) {
      if (t.begin[i] > inner_begin) inner_begin = t.begin[i];
      if (t.end[i] < inner_end) inner_end = t.end[i];
    }
    inner_begin = (inner_begin + kPanel - 1) / kPanel * kPanel;
    inner_end = inner_end / kPanel * kPanel;
    for (int s = begin; s < end; s += kPanel) {
      if (s >= inner_begin && s < inner_end) {
        values(0, t.queries, s, s, s + kPanel, begin);
        continue;
      }
      for (int i = 0; i < t.queries; ++i) {
        const int from = t.begin[i] > s ? t.begin[i] : s;
        const int to = t.end[i] < s + kPanel ? t.end[i] : s + kPanel;
        if (from < to) values(i, 1, s, from, to, begin);
      }
    }
  }

  void values(int query, int count, int block, int from, int to, int begin) {
    const std::uint8_t* base = values_of(block / kPanel);
    const auto panel = static_cast<std::size_t>(F::run(base, kPanel) - base);
    const int later = block / kPanel + kPanelGroup;
    const std::uint8_t* ahead = values_of(later * kPanel < high ? later : block / kPanel);
    for (int d = 0; d < padded; d += kPanelGroup * kPanel) {
      const int left = (padded - d) / kPanel;
      const int panels = left < kPanelGroup ? left : kPanelGroup;
      const std::uint8_t *at[kPanelGroup], *next[kPanelGroup];
      for (int p = 0; p < panels; ++p) {
        const std::size_t inside = static_cast<std::size_t>(d / kPanel + p) * panel;
        at[p] = F::run(base + inside, from - block);
        next[p] = ahead + inside;
      }
      TileTask tile{scores + query * span + (from - begin),
                    static_cast<std::size_t>(span),
                    acc + query * padded + d,
                    static_cast<std::size_t>(padded),
                    to - from,
                    true};
      tile.ahead = next;
      tiles<F>(tile, count, at, panels);
    }
  }

  void put(int i) {
    float* a = acc + i * padded;
    for (int d = 0; d < padded; d += kPanel) {
      const Vec o = total[i] == 0 ? vec(0.0f) : load_floats(a + d) / vec(total[i]);
      store(a + d, rounded<D>(o));
    }
    for (int d = 0; d < t.head_dim; ++d) t.out[t.query_at[i] + static_cast<std::size_t>(d)] = a[d];
  }
};

inline void attend(const AttendTask& t) noexcept {
  switch (t.dtype) {
    case DType::bfloat16:
      return Attend<BF16Plain, DType::bfloat16>(t).run();
    case DType::float16:
      return Attend<F16, DType::float16>(t).run();
    default:
      return Attend<F32, DType::float32>(t).run();
  }
}
