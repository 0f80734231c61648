// Included inside the namespace of a level with tiles, after multiply_tiles.h: the products of
// quads.h in tiles, for many rows. The integer sums have no error, so their bits are the same.

/// Rows from which on tiles are worth preparing weights for.
constexpr int kRowsForTiles = 8;

constexpr int kBlockBytes = kQuantisedBlock * kPanel;  // of prepared weights

/// A block's weights as bytes with sign, [k / 4][lane][k % 4]: a tile of eight rows.
template <class W>
void prepare_block(const std::uint8_t* run, std::uint8_t* to) noexcept {
  typedef std::uint8_t Bytes __attribute__((vector_size(64)));  // whose differences wrap
  for (int i = 0; i < W::kWords; ++i) {
    const Ints word = load_ints(run + W::kHeader + 64 * i);
    for (int half = 0; half < W::kHalves; ++half) {
      const Bytes stored = (Bytes)W::quad(word, half).part[0];
      const Bytes bytes = stored - static_cast<std::uint8_t>(W::kOffset);
      __builtin_memcpy(to + 64 * (i + half * W::kWords), &bytes, sizeof bytes);
    }
  }
}

/// out (+)= a chain of blocks, for up to kTileHeight rows of one panel.
template <class W, class X>
void quads_of_rows(Tiles& tiles, const QuadTask& t, int rows, const std::uint8_t* panel,
                   const std::uint8_t* prepared) noexcept {
  alignas(64) std::int32_t sums[3][kTileHeight][kPanel];
  alignas(64) float total[kTileHeight][kPanel] = {};
  for (int b = 0; b < t.blocks; ++b) {
    const auto block_of = [&](int row) -> const X& {
      return reinterpret_cast<const X*>(t.x + static_cast<std::size_t>(row) * t.x_stride)[b];
    };
    tiles.template load<6>(prepared + b * kBlockBytes, kTileRowBytes);
    const auto sum_digits = [&]<int kDigit>() {
      tiles.template zero<kDigit>();
      tiles.template load<3 + kDigit>(block_of(0).digit[kDigit], t.x_stride * 4);
      tiles.template dot_bytes<kDigit, 3 + kDigit, 6>();
    };
    sum_digits.template operator()<0>();
    if constexpr (X::kDigits == 3) {
      sum_digits.template operator()<1>();
      sum_digits.template operator()<2>();
      tiles.template store<1>(sums[1], kTileRowBytes);
      tiles.template store<2>(sums[2], kTileRowBytes);
    }
    tiles.template store<0>(sums[0], kTileRowBytes);
    const std::uint8_t* run = panel + static_cast<std::size_t>(b) * W::kBytes;
    for (int r = 0; r < rows; ++r) {
      Ints digit[X::kDigits];
      for (int j = 0; j < X::kDigits; ++j) {
        digit[j] = load_ints(reinterpret_cast<const std::uint8_t*>(sums[j][r]));
      }
      const std::uint8_t* const runs[1] = {run};
      Vec y[1] = {with_block<W>(load_floats(total[r]), block_of(r), digit, run)};
      add_any_fourth<W, 1>(block_of(r), runs, y);
      store(total[r], y[0]);
    }
  }
  for (int r = 0; r < rows; ++r) {
    float* out = t.out + static_cast<std::size_t>(r) * t.out_stride;
    const Vec sum = load_floats(total[r]);
    store(out, t.add ? load_floats(out) + sum : sum);
  }
}

template <class W, class X>
void quads_in_tiles(const MultiplyTask& m, const float* x, std::size_t x_stride) noexcept {
  constexpr int kBlockFloats = sizeof(X) / sizeof(float);
  const int blocks = m.matrix->in / kQuantisedBlock;
  auto* prepared = reinterpret_cast<std::uint8_t*>(m.scratch);
  static_assert(kBlockChain * kBlockBytes <= kScratch * sizeof(float));
  Tiles tiles;
  int shaped = 0;
  for (int p = m.first; p < m.last; ++p) {
    const std::uint8_t* panel = panel_begin(m, p);
    for (int begin = 0; begin < blocks; begin += kBlockChain, panel += kBlockChain * W::kBytes) {
      const int count = blocks - begin < kBlockChain ? blocks - begin : kBlockChain;
      for (int b = 0; b < count; ++b) {
        prepare_block<W>(panel + b * W::kBytes, prepared + b * kBlockBytes);
      }
      for (int r = 0; r < m.rows; r += kTileHeight) {
        const int rows = m.rows - r < kTileHeight ? m.rows - r : kTileHeight;
        if (rows != shaped) tiles.shape(shapes_for_blocks(shaped = rows));
        const auto row = static_cast<std::size_t>(r);
        const QuadTask t{.x = x + row * x_stride + begin * kBlockFloats,
                         .x_stride = x_stride,
                         .out = m.out + row * m.out_stride + (p - m.first) * kPanel,
                         .out_stride = m.out_stride,
                         .blocks = count,
                         .add = begin > 0,
                         .left = 0,
                         .panel_bytes = 0};
        quads_of_rows<W, X>(tiles, t, rows, panel, prepared);
      }
    }
  }
  tiles.release();
  finish_all(m);
}
