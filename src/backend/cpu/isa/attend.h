// Included inside the namespace of an ISA level, after multiply.h.

/// Up to kQueries queries of one key head, with the cache in format F and roundings to D.
///
/// Keys go in chunks of kKeyChunk (by their index in the cache), each with the running maximum so
/// far; eager attention takes all keys as one chunk. The products with the values of kKeyChunk keys
/// are one chain from the first visible key to the last, so it depends on nothing but the range:
/// keys of whole blocks that a query does not see enter with weight 0, which changes no sum.
template <class F, DType D>
struct Attend {
  static constexpr bool kInPairs = F::kInputs == 2;
  /// Lanes of a row or of a panel that hold so many inputs.
  static constexpr int lanes(int inputs) { return inputs / F::kInputs; }

  const AttendTask& t;
  int padded, span, low, high;  // head_dim in whole panels; columns of scores; keys anyone sees
  float *q, *scores, *acc;      // [queries][head_dim padded], [queries][span], as q
  std::uint8_t* edges;          // room for the values of two blocks
  bool plain;                   // scores are only scaled, which weigh() does as it goes
  float top[kQueries], total[kQueries];

  explicit Attend(const AttendTask& task) : t(task) {
    padded = (t.head_dim + kPanel - 1) / kPanel * kPanel;
    plain = !t.eager && t.bias == nullptr && t.softcap == 0 && t.scale > 0;
    low = t.begin[0];
    high = t.end[0];
    for (int i = 1; i < t.queries; ++i) {
      if (t.begin[i] < low) low = t.begin[i];
      if (t.end[i] > high) high = t.end[i];
    }
    low = low / kPanel * kPanel;
    const int keys = (high + kPanel - 1) / kPanel * kPanel;
    span = (t.eager && keys > kKeyChunk ? keys : kKeyChunk) + kBlockGroup * kPanel;
    q = t.scratch;
    acc = q + kQueries * padded;
    scores = acc + kQueries * padded;
    edges = reinterpret_cast<std::uint8_t*>(scores + kQueries * span);
  }

  const std::uint8_t* keys_of(int block) const {
    return reinterpret_cast<const std::uint8_t*>(t.blocks[block]) + t.key_offset;
  }
  const std::uint8_t* values_of(int block) const {
    return reinterpret_cast<const std::uint8_t*>(t.blocks[block]) + t.value_offset;
  }

  void run() {
    for (int i = 0; i < t.queries; ++i) {
      const auto numbers = static_cast<std::size_t>(t.head_dim);
      const auto whole = static_cast<std::size_t>(padded);
      float* own = q + i * padded;
      __builtin_memcpy(own, t.q + t.query_at[i], numbers * sizeof(float));
      for (std::size_t d = numbers; d < whole; ++d) own[d] = 0;
      __builtin_memset(acc + i * padded, 0, whole * sizeof(float));
      pack_lanes(own, padded);
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

  /// Where lanes take two inputs: n numbers of a row move into its first half.
  static void pack_lanes(float* row, int n) {
    for (int i = 0; kInPairs && i < n; i += kPanel) store_pairs(row + i / 2, load_floats(row + i));
  }

  /// Blocks lie far apart in memory, where no processor guesses the next: while keys are
  /// multiplied, those of the next group are asked for, and behind the last ones the first values.
  const std::uint8_t* asked_ahead(int block, int first, int last) const {
    const int next = block + kBlockGroup;
    return next < last ? keys_of(next) : values_of(first + (block - first) % kBlockGroup);
  }

  /// scores[i][s − begin] for keys begin … end − 1; those a query does not see become −∞.
  void score(int begin, int end) {
    const int first = begin / kPanel, last = (end + kPanel - 1) / kPanel, blocks = last - first;
    constexpr int kWhole = F::kInputs * F::kRun;
    const int all = lanes((t.head_dim + kWhole - 1) / kWhole * kWhole);
    for (int b = 0; b < blocks; b += kBlockGroup) {
      const int count = blocks - b < kBlockGroup ? blocks - b : kBlockGroup;
      const std::uint8_t* panels[kBlockGroup];
      for (int p = 0; p < count; ++p) panels[p] = keys_of(first + b + p);
      for (int d = 0; d < all; d += kInputBlock) {
        const int n = all - d < kInputBlock ? all - d : kInputBlock;
        const std::uint8_t* at[kBlockGroup];
        for (int p = 0; p < count; ++p) at[p] = F::run(panels[p], d);
        const std::uint8_t* next[kBlockGroup];
        for (int p = 0; p < count; ++p)
          next[p] = F::run(asked_ahead(first + b + p, first, last), d);
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
    for (int i = 0; i < t.queries; ++i) {
      if (!plain) finish_scores(i, begin, blocks * kPanel);
      hide(i, begin, blocks * kPanel);
    }
  }

  /// Scale, bias and cap, as the reference rounds them.
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
  }

  /// What query i does not see.
  void hide(int i, int begin, int columns) {
    float* s = scores + i * span;
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
    const float factor = plain ? t.scale : 1;
    const float m = largest_of(s, columns) * factor;
    const float now = m > top[i] || m != m ? m : top[i];
    if (now == -__builtin_inff()) {
      for (int c = 0; c < columns; ++c) {
        if (s[c] != s[c]) total[i] = s[c];
        s[c] = 0;  // which is zero in pairs too
      }
      return;
    }
    Vec mass = vec(0.0f), noticed = vec(0.0f);
    for (int c = 0; c < columns; c += kPanel) {
      const Vec x = load_floats(s + c) * vec(factor) - vec(now);
      const Vec e = D == DType::float32 ? exp(x) : approximate_exp(x);
      mass = mass + e;
      noticed = noticed + x;  // never above 0, so a NaN once there is one
      if constexpr (kInPairs) {
        store_pairs(s + c / 2, e);
      } else {
        store(s + c, rounded<D>(e));
      }
    }
    // Neither the maximum nor the fast exponential keeps a score that is no number.
    if constexpr (D != DType::float32) mass = select(is_nan(noticed), noticed, mass);
    const bool nothing = total[i] == 0 && now == now;
    if (!nothing && now != top[i]) keep(i, largest(exp(vec(top[i] - now))));
    total[i] = total[i] + sum(mass);
    top[i] = now;
  }

  /// Scales what query i has so far.
  void keep(int i, float part) {
    total[i] = total[i] * part;
    for (int d = 0; d < padded; d += kPanel) {
      store(acc + i * padded + d, load_floats(acc + i * padded + d) * vec(part));
    }
  }

  /// Eager: p = r(softmax(scores)), one chunk.
  void softmax(int i, int begin, int end) {
    const int columns = (end - begin + kPanel - 1) / kPanel * kPanel;
    float* s = scores + i * span;
    const float m = largest_of(s, columns);
    Vec mass = vec(0.0f);
    for (int c = 0; c < columns; c += kPanel) {
      const Vec x = load_floats(s + c);
      const Vec e = m == -__builtin_inff() ? select(is_nan(x), x, vec(0.0f)) : exp(x - vec(m));
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
    pack_lanes(s, columns);
  }

  /// acc += p · V. What a query must not see cannot reach it, NaN included: 0 · NaN is NaN, so
  /// where such values lie in a block that not all queries see whole, each query goes alone, with
  /// copies of its first and last block.
  void gather(int begin, int end) {
    const int first = begin / kPanel, last = (end + kPanel - 1) / kPanel;
    bool finite = true;
    for (int b = first; b < last && finite; ++b) finite = seen_whole(b) || finite_values(b);
    if (finite) return add_values(0, t.queries, begin, first, last);
    for (int i = 0; i < t.queries; ++i) {
      const int from = t.begin[i] > begin ? t.begin[i] : begin;
      const int to = t.end[i] < end ? t.end[i] : end;
      if (from < to) add_values(i, 1, begin, from / kPanel, (to + kPanel - 1) / kPanel);
    }
  }

  bool seen_whole(int block) const {
    for (int i = 0; i < t.queries; ++i) {
      if (t.begin[i] > block * kPanel || t.end[i] < (block + 1) * kPanel) return false;
    }
    return true;
  }

  /// Whether the exponent of every number is less than the largest, infinity's and NaN's.
  bool finite_values(int block) const {
    using Word = typename Choice<D == DType::float32, std::uint32_t, std::uint16_t>::Type;
    constexpr auto kExponent = static_cast<Word>(D == DType::float32    ? 0x7f800000
                                                 : D == DType::bfloat16 ? 0x7f80
                                                                        : 0x7c00);
    const std::uint8_t* at = values_of(block);
    Word full = 0;
    for (int i = 0; i < padded * kPanel; ++i) {
      Word word;
      __builtin_memcpy(&word, at + static_cast<std::size_t>(i) * sizeof word, sizeof word);
      full |= static_cast<Word>((word & kExponent) == kExponent);
    }
    return full == 0;
  }

  /// Products with the values of blocks first … last − 1, for `count` queries; for one alone, what
  /// it does not see is left out.
  void add_values(int query, int count, int begin, int first, int last) {
    constexpr int kChain = kKeyChunk / kPanel;
    for (int b = first; b < last; b = (b / kChain + 1) * kChain) {
      const int to = last < (b / kChain + 1) * kChain ? last : (b / kChain + 1) * kChain;
      const std::uint8_t* bases[kChain];
      for (int i = b; i < to; ++i) {
        const bool alone = count == 1 && t.queries > 1;
        bases[i - b] = alone ? seen_values(query, i, i == first) : values_of(i);
      }
      for (int d = 0; d < padded; d += kBlockGroup * kPanel) {
        add_columns(query, count, lanes(b * kPanel - begin), bases, to - b, d);
      }
    }
  }

  /// Columns d … d + 63 of the same, for `blocks` blocks; `at` is where their weights begin.
  void add_columns(int query, int count, int at, const std::uint8_t* const* bases, int blocks,
                   int d) {
    const int left = (padded - d) / kPanel;
    const int width = left < kBlockGroup ? left : kBlockGroup;
    const std::uint8_t* panels[kKeyChunk / kPanel * kPanelGroup];
    for (int i = 0; i < blocks; ++i) {
      for (int p = 0; p < width; ++p) {
        const auto panel = static_cast<std::size_t>(d / kPanel + p) * kPanelValues;
        panels[i * kPanelGroup + p] = bases[i] + panel;
      }
    }
    TileTask tile{scores + query * span + at,
                  static_cast<std::size_t>(span),
                  acc + query * padded + d,
                  static_cast<std::size_t>(padded),
                  lanes(kPanel),
                  true};
    tile.parts = blocks;
    tiles<F>(tile, count, panels, width);
  }

  static constexpr std::size_t kElement = D == DType::float32 ? 4 : 2;
  static constexpr std::size_t kPanelValues = kPanel * kPanel * kElement;

  /// The values of a block, or a copy of them where query i does not see all: zeros stand there.
  const std::uint8_t* seen_values(int i, int block, bool first) {
    const int from = t.begin[i] - block * kPanel, to = t.end[i] - block * kPanel;
    if (from <= 0 && to >= kPanel) return values_of(block);
    const std::size_t bytes = kPanelValues * static_cast<std::size_t>(padded / kPanel);
    std::uint8_t* copy = edges + (first ? 0 : bytes);
    __builtin_memcpy(copy, values_of(block), bytes);
    for (int d = 0; d < padded; ++d) {
      for (int slot = 0; slot < kPanel; ++slot) {
        if (slot >= from && slot < to) continue;
        __builtin_memset(copy + value_at(D, d, slot), 0, kElement);
      }
    }
    return copy;
  }

  void put(int i) {
    float* a = acc + i * padded;
    for (int d = 0; d < padded; d += kPanel) {
      const Vec o = total[i] == 0 ? vec(0.0f) : load_floats(a + d) / vec(total[i]);
      store(a + d, rounded<D>(o));
    }
    __builtin_memcpy(t.out + t.query_at[i], a,
                     static_cast<std::size_t>(t.head_dim) * sizeof(float));
  }
};

inline void attend(const AttendTask& t) noexcept {
  switch (t.dtype) {
    case DType::bfloat16:
      return Attend<typename Choice<kDots, BF16Pairs, BF16>::Type, DType::bfloat16>(t).run();
    case DType::float16:
      return Attend<F16, DType::float16>(t).run();
    default:
      return Attend<F32, DType::float32>(t).run();
  }
}
