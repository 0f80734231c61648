// Included inside the namespace of a level with tiles, after quads.h: rows and weights as the tiles
// of multiply_tiles.h take them.

/// x = part[0] + part[1] + part[2], bfloat16 numbers, exactly but for numbers so small that a part
/// is subnormal. What is infinite or no number is part[0] alone.
struct Parts {
  Vec part[3];
};
TYPECASE_INLINE Parts parts_of(Vec x) {
  constexpr float kLargest = 0x1.fep127f;  // of bfloat16
  Parts out;
  for (int i = 0; i < 3; ++i) {
    const Vec near = rounded<DType::bfloat16>(x);
    const Vec size = from_bits(bits(near) & ints(0x7fffffff));
    const Vec towards_zero = from_bits(bits(x) & ints(static_cast<int>(0xffff0000u)));
    out.part[i] = select(vec(kLargest) < size, towards_zero, near);
    const Vec rest = x - out.part[i];
    x = select(is_nan(rest), vec(0.0f), rest);
  }
  return out;
}

/// Kernels::pack: zeros up to a whole step.
inline void pack_for_tiles(const float* x, int in, float* to) noexcept {
  for (int i = 0; i < in; i += kTileInputs, to += kTilePairs) {
    store_pairs(to, load_first(x, i, in), load_first(x, i + kPanel, in));
  }
}

/// Kernels::pack_splits: of each step the three parts, one after the other.
inline void pack_splits(const float* x, int in, float* to) noexcept {
  for (int i = 0; i < in; i += kTileInputs) {
    const Parts low = parts_of(load_first(x, i, in));
    const Parts high = parts_of(load_first(x, i + kPanel, in));
    for (int part = 0; part < 3; ++part, to += kTilePairs) {
      store_pairs(to, low.part[part], high.part[part]);
    }
  }
}

/// Inputs that are dequantised together at most: whole runs and blocks of every format.
constexpr int kDequantised = 256;

/// Inputs k … k + n − 1 of a panel as bfloat16 pairs, [n / 2][lane], n ≤ kDequantised.
inline void weights_in_pairs(const PackedMatrix& m, int panel, int k, int n, float* to) noexcept {
  const auto* begin = reinterpret_cast<const std::uint8_t*>(m.panel(panel));
  const auto dequantised = [&]<class F>(F) { expand<F>(F::run(begin, k / 2), n / 2, to); };
  switch (m.format) {
    case Format::bfloat16:
      __builtin_memcpy(to, BF16Pairs::run(begin, k / 2),
                       static_cast<std::size_t>((n + 1) / 2) * BF16Pairs::kBytes);
      return;
    case Format::bfloat16_recoded:
      return dequantised(BF16Recoded{});
    case Format::q8_0:
      return dequantised(InPairs<ToBF16<Q8_0>>{});
    case Format::q4_0:
      return dequantised(InPairs<ToBF16<Q4<false>>>{});
    case Format::q4_1:
      return dequantised(InPairs<ToBF16<Q4<true>>>{});
    default: {  // blocks: a bfloat16 plan has no other
      float some[kDequantised * kPanel];
      m.expand_blocks(panel, k, n, some);
      for (int i = 0; i < n; i += 2) {
        const float* two = some + i * kPanel;
        store(to + i / 2 * kPanel, pair_of(load_floats(two), load_floats(two + kPanel)));
      }
    }
  }
}

/// The same as floats, [n][lane].
inline const float* weights_as_floats(const PackedMatrix& m, int panel, int k, int n,
                                      float* to) noexcept {
  const auto* begin = reinterpret_cast<const std::uint8_t*>(m.panel(panel));
  const auto dequantised = [&]<class F>(F) { expand<F>(F::run(begin, k), n, to); };
  switch (m.format) {
    case Format::float32:
      return reinterpret_cast<const float*>(F32::run(begin, k));
    case Format::float16:
      dequantised(F16{});
      break;
    case Format::q8_0:
      dequantised(Q8_0{});
      break;
    case Format::q4_0:
      dequantised(Q4<false>{});
      break;
    case Format::q4_1:
      dequantised(Q4<true>{});
      break;
    default:
      m.expand_blocks(panel, k, n, to);
  }
  return to;
}

/// Inputs k … k + n − 1 of a panel as whole steps for A: part after part, `part_floats` apart.
template <class A>
void prepare_weights(const PackedMatrix& m, int panel, int k, int n, float* to,
                     std::size_t part_floats) noexcept {
  for (int done = 0; done < n; done += kDequantised) {
    const int now = n - done < kDequantised ? n - done : kDequantised;
    float* pairs = to + done / 2 * kPanel;
    if constexpr (A::kWeightParts == 1) {
      weights_in_pairs(m, panel, k + done, now, pairs);
    } else {
      float some[kDequantised * kPanel];
      const float* w = weights_as_floats(m, panel, k + done, now, some);
      for (int i = 0; i < now; i += 2, w += 2 * kPanel, pairs += kPanel) {
        const Parts even = parts_of(load_floats(w));
        const Parts odd = parts_of(i + 1 < now ? load_floats(w + kPanel) : vec(0.0f));
        for (int part = 0; part < A::kWeightParts; ++part) {
          store(pairs + static_cast<std::size_t>(part) * part_floats,
                pair_of(even.part[part], odd.part[part]));
        }
      }
    }
  }
  for (int pair = (n + 1) / 2; pair % kTilePairs != 0; ++pair) {
    for (int part = 0; part < A::kWeightParts; ++part) {
      store(to + static_cast<std::size_t>(part) * part_floats + pair * kPanel, vec(0.0f));
    }
  }
}

/// finish(), of all that the product has written.
inline void finish_all(const MultiplyTask& m) noexcept {
  if (m.bias == nullptr && m.dtype == DType::float32) return;
  finish(m.out, m.out_stride, m.rows, (m.last - m.first) * kPanel,
         m.bias == nullptr ? nullptr : m.bias + m.first * kPanel, m.dtype);
}
