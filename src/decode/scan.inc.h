// The passes of scan.cpp for one vector width, kWidth: included inside a target region and a
// namespace, hence no guard and no header. Vectors stay inside functions: passed by value they
// would change the ABI.

using Floats = float __attribute__((vector_size(4 * kWidth)));
using Words = std::int32_t __attribute__((vector_size(4 * kWidth)));

/// a_0 a_2 … b_0 b_2 …
#define TYPECASE_EVEN_OF(a, b) __builtin_shufflevector(a, b, TYPECASE_EVEN)

/// Whether a bit is set anywhere.
inline bool any_of(const Words& mask) {
#if defined(TYPECASE_ANY)
  return TYPECASE_ANY(mask);
#else
  std::uint64_t halves[kWidth / 2];
  std::memcpy(halves, &mask, sizeof mask);
  std::uint64_t all = 0;
  for (const std::uint64_t h : halves) all |= h;
  return all != 0;
#endif
}

/// The first index of the greatest value; n when there is a NaN.   REQUIRES: n a multiple of
/// kChunk.
std::size_t first_greatest(const float* x, std::size_t n) {
  constexpr std::size_t kStreams = 4;  // each lane of each follows its own maximum and its place
  Floats top[kStreams], v;
  Words where[kStreams] = {}, nan = {};
  for (Floats& t : top) t = Floats{} - std::numeric_limits<float>::infinity();
  for (std::size_t i = 0; i < n; i += kStreams * kWidth) {
    for (std::size_t s = 0; s < kStreams; ++s) {
      std::memcpy(&v, x + i + s * kWidth, sizeof v);
      const Words more = v > top[s];
      top[s] = more ? v : top[s];
      where[s] = more ? Words{} + static_cast<std::int32_t>(i) : where[s];
      nan |= v != v;
    }
  }
  if (any_of(nan)) return n;
  float best = -std::numeric_limits<float>::infinity();
  std::size_t first = 0;  // nothing above −∞
  for (std::size_t s = 0; s < kStreams; ++s) {
    for (std::size_t j = 0; j < kWidth; ++j) {
      const std::size_t at = static_cast<std::size_t>(where[s][j]) + s * kWidth + j;
      if (top[s][j] > best || (top[s][j] == best && at < first)) {
        best = top[s][j];
        first = at;
      }
    }
  }
  return best == -std::numeric_limits<float>::infinity() ? 0 : first;
}

/// The first chunk from `at` on with an element that is not ≤ least.
std::size_t chunk_above(const float* x, std::size_t at, std::size_t n, float least) {
  for (; at + kChunk <= n; at += kChunk) {
    Words any{};
    Floats v;
    for (std::size_t i = 0; i < kChunk; i += kWidth) {
      std::memcpy(&v, x + at + i, sizeof v);
      any |= ~(v <= least);
    }
    if (any_of(any)) break;
  }
  return at;
}

/// Copies the pairs with low ≤ x < high to the front of `xs` and `es`, which have room for kWidth
/// more; returns how many.
std::size_t gather(const float* x, const float* e, std::size_t n, float low, float high, float* xs,
                   float* es) {
  std::size_t count = 0;
  Floats v;
  for (std::size_t i = 0; i < n; i += kWidth) {
    std::memcpy(&v, x + i, sizeof v);
    if (!any_of((v >= low) & (v < high))) continue;
    for (std::size_t j = i; j < i + kWidth; ++j) {  // written in any case, kept if it is inside
      xs[count] = x[j];
      es[count] = e[j];
      count += x[j] >= low && x[j] < high ? 1 : 0;
    }
  }
  return count;
}

/// Whether every element lies from 0 to `most`, and whether one is above 0.
Probabilities check(const float* x, std::size_t n, float most) {
  Words wrong = {}, positive = {};
  Floats v;
  for (std::size_t i = 0; i < n; i += kWidth) {
    std::memcpy(&v, x + i, sizeof v);
    wrong |= ~((v >= Floats{}) & (v <= most));
    positive |= v > Floats{};
  }
  return {.valid = !any_of(wrong), .positive = any_of(positive)};
}

/// x_i ← x_i / d. Where no intermediate result can leave the normal numbers, without the divider,
/// which would take twice as long: with r = RN(1/d), RN(x r) is within 2 units of x/d; a correction
/// by its remainder brings it within 1, and one more rounds as division does (Markstein 1990,
/// theorem 8.2 of "IA-64 and Elementary Functions", for every d but those of all ones).
void divide(float* x, std::size_t n, float d) {
  Floats v;
#if defined(TYPECASE_FMA)
  const std::int32_t bits = std::bit_cast<std::int32_t>(d);
  const bool usual = d > 0x1p-30f && d < 0x1p30f && (bits & 0x7FFFFF) != 0x7FFFFF;
  const Floats minus = Floats{} - d, r = 1.0f / (Floats{} + d);
#endif
  for (std::size_t i = 0; i < n; i += kChunk) {
#if defined(TYPECASE_FMA)
    Words odd = {};
    for (std::size_t j = i; j < i + kChunk; j += kWidth) {
      std::memcpy(&v, x + j, sizeof v);
      const Floats size = v * v;
      odd |= ~((size > Floats{} + 0x1p-120f) & (size < Floats{} + 0x1p120f));
    }
    if (usual && !any_of(odd)) {
      for (std::size_t j = i; j < i + kChunk; j += kWidth) {
        std::memcpy(&v, x + j, sizeof v);
        const Floats q0 = v * r;
        const Floats q1 = TYPECASE_FMA(TYPECASE_FMA(q0, minus, v), r, q0);
        const Floats q = TYPECASE_FMA(TYPECASE_FMA(q1, minus, v), r, q1);
        std::memcpy(x + j, &q, sizeof q);
      }
      continue;
    }
#endif
    for (std::size_t j = i; j < i + kChunk; j += kWidth) {
      std::memcpy(&v, x + j, sizeof v);
      v /= d;
      std::memcpy(x + j, &v, sizeof v);
    }
  }
}

/// x_i ← −∞ where x_i < least.
void cut_below(float* x, std::size_t n, float least) {
  Floats v;
  for (std::size_t i = 0; i < n; i += kWidth) {
    std::memcpy(&v, x + i, sizeof v);
    v = v < least ? Floats{} - std::numeric_limits<float>::infinity() : v;
    std::memcpy(x + i, &v, sizeof v);
  }
}

/// x_i ← −∞ where e_i · scale < least.
void cut_scaled(float* x, const float* e, std::size_t n, float scale, float least) {
  Floats v, ev;
  for (std::size_t i = 0; i < n; i += kWidth) {
    std::memcpy(&v, x + i, sizeof v);
    std::memcpy(&ev, e + i, sizeof ev);
    v = ev * scale < least ? Floats{} - std::numeric_limits<float>::infinity() : v;
    std::memcpy(x + i, &v, sizeof v);
  }
}

/// The first group of kPairs from `at` on with an i where p_i > best · u_i; n when there is none.
/// u_i are the 21 highest bits of words[2i] mod 2²¹ and words[2i + 1].
std::size_t group_faster(const float* p, const std::uint32_t* words, std::size_t at, std::size_t n,
                         float best) {
  Floats v;
  Words pairs[2];
  for (; at + kPairs <= n; at += kPairs) {
    Words any{};
    for (std::size_t i = 0; i < kPairs; i += kWidth) {
      std::memcpy(&v, p + at + i, sizeof v);
      std::memcpy(pairs, words + 2 * (at + i), sizeof pairs);
      const Words bits = TYPECASE_EVEN_OF(pairs[0], pairs[1]) & 0x1FFFFF;
      any |= v > __builtin_convertvector(bits, Floats) * (best * 0x1p-21f);
    }
    if (any_of(any)) break;
  }
  return at;
}

/// Adds what lies below each level.   REQUIRES: n a multiple of kChunk.
void add_below(const float* x, const float* e, std::size_t n, const float* levels, Below& out) {
  constexpr std::size_t kRun = 32 * kWidth;  // at most 32 float additions a lane: kMassError
  Words count[kLevels] = {};
  for (std::size_t at = 0; at < n; at += kRun) {
    const std::size_t end = n - at < kRun ? n : at + kRun;
    Floats sum[kLevels] = {}, xv, ev;
    for (std::size_t i = at; i < end; i += kWidth) {
      std::memcpy(&xv, x + i, sizeof xv);
      std::memcpy(&ev, e + i, sizeof ev);
      for (std::size_t l = 0; l < kLevels; ++l) {
        const Words less = xv < levels[l];
        sum[l] += less ? ev : Floats{};
        count[l] -= less;
      }
    }
    for (std::size_t l = 0; l < kLevels; ++l) {
      for (std::size_t j = 0; j < kWidth; ++j) out.mass[l] += static_cast<double>(sum[l][j]);
    }
  }
  for (std::size_t l = 0; l < kLevels; ++l) {
    for (std::size_t j = 0; j < kWidth; ++j) {
      out.count[l] += static_cast<std::size_t>(count[l][j]);
    }
  }
}

constexpr Passes kPasses{first_greatest, chunk_above, gather,    check,     divide,
                         group_faster,   add_below,   cut_below, cut_scaled};
