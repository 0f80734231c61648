// Included inside the namespace of a level with tiles, after tile_operands.h; Tiles is one of the
// types of tiles.h there. Products in tiles, each with one order of sums whatever the number of
// rows. With
//     D(x, w) = Σ_{i even} x_i·w_i + Σ_{i odd} x_i·w_i,   i = 0 … 31
// the sum of one step as TDPBF16PS takes it (tiles.h), a row of a bfloat16 plan gives
//     y = Σ_s D(x_s, w_s)
// and of a float32 plan, whose numbers are taken apart into sums of three bfloat16 numbers,
//     y = Σ_s D(x2, w0) + D(x1, w0) + D(x1, w1) + D(x0, w1) + D(x0, w2) + D(x0, w0)
// each D being added to the sum of all before it, in chains of kSplitChain inputs that are added in
// order. What is left out, x1·w2 + x2·w1 + x2·w2, is below 2^−26 |x·w|. Weights that are float16 or
// bfloat16 numbers have no w2, or no w1 either. An infinity makes its row's results NaN, and parts
// below 2^−126 are lost. Inputs that the last step lacks are zeros. Blocks in quads are summed in
// integers: the bits of quads.h.

/// The error of a sum grows with its chains: with 1536 inputs it is larger than PyTorch's.
constexpr int kSplitChain = 512;

/// Part of x and part of the weights that meet.
struct Meeting {
  int x, w;
};

/// bfloat16 rows, bfloat16 weights.
struct Whole {
  static constexpr RowForm kForm = RowForm::pairs;
  static constexpr int kRowParts = 1, kWeightParts = 1;
  static constexpr bool kChains = false;
  static constexpr Meeting kMeetings[] = {{0, 0}};
};
/// float32 rows, weights of kParts bfloat16 numbers.
struct Split {
  static constexpr RowForm kForm = RowForm::splits;
  static constexpr int kRowParts = 3;
  static constexpr bool kChains = true;
};
struct SplitOne : Split {
  static constexpr int kWeightParts = 1;
  static constexpr Meeting kMeetings[] = {{2, 0}, {1, 0}, {0, 0}};
};
struct SplitTwo : Split {
  static constexpr int kWeightParts = 2;
  static constexpr Meeting kMeetings[] = {{2, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}};
};
struct SplitThree : Split {
  static constexpr int kWeightParts = 3;
  static constexpr Meeting kMeetings[] = {{2, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 2}, {0, 0}};
};

/// Two tiles of rows by two panels at most, and the steps they are multiplied in.
struct TileBlock {
  const float* x;  // [rows][x_stride], from the first step on
  std::size_t x_stride;
  const float* weights[kPanelsInTiles];  // of a panel: part after part, a tile for each step
  std::size_t part_floats;               // from a part to the next
  float* out;                            // [rows][out_stride]; panel p writes 16 floats at p · 16
  std::size_t out_stride;
  int steps;
  bool add;           // the sums go on from out
  std::size_t ahead;  // how many bytes further on lies what is needed next; 0: do not ask
};

/// Asks for the weights that will be needed `distance` bytes from here, into the second cache.
inline void ask_for_tile(const float* from, std::size_t distance) noexcept {
  for (std::size_t line = 0; line < kTileBytes; line += 64) {
    __builtin_prefetch(reinterpret_cast<const std::byte*>(from) + distance + line, 0, kSecondCache);
  }
}

/// The meetings of one step from number I on. What the tiles hold already stays.
template <class A, int R, int P, std::size_t I = 0>
TYPECASE_INLINE void meet(Tiles& tiles, const TileBlock& b, int step) noexcept {
  constexpr Meeting kNow = A::kMeetings[I], kBefore = A::kMeetings[I > 0 ? I - 1 : 0];
  constexpr bool kNewRows = I == 0 || kNow.x != kBefore.x;
  constexpr bool kNewWeights = I == 0 || kNow.w != kBefore.w;
  const float* x = b.x + (step * A::kRowParts + kNow.x) * kTilePairs;
  const std::size_t at = static_cast<std::size_t>(kNow.w) * b.part_floats +
                         static_cast<std::size_t>(step) * (kTileBytes / 4);
  if constexpr (kNewRows) tiles.template load<4>(x, b.x_stride * 4);
  if constexpr (kNewRows && R == 2) {
    tiles.template load<5>(x + kTileHeight * b.x_stride, b.x_stride * 4);
  }
  if constexpr (kNewWeights) tiles.template load<6>(b.weights[0] + at, kTileRowBytes);
  tiles.template dot<0, 4, 6>();
  if constexpr (R == 2) tiles.template dot<2, 5, 6>();
  if constexpr (P == 2) {
    if constexpr (kNewWeights) tiles.template load<7>(b.weights[1] + at, kTileRowBytes);
    tiles.template dot<1, 4, 7>();
    if constexpr (R == 2) tiles.template dot<3, 5, 7>();
  }
  if constexpr (I + 1 < sizeof(A::kMeetings) / sizeof(Meeting))
    meet<A, R, P, I + 1>(tiles, b, step);
}

/// f<tile>(place of its sums) for R tiles of rows and P panels.
template <int R, int P, class F>
TYPECASE_INLINE void for_sums(const TileBlock& b, const F& f) noexcept {
  float* lower = b.out + kTileHeight * b.out_stride;
  f.template operator()<0>(b.out);
  if constexpr (P == 2) f.template operator()<1>(b.out + kPanel);
  if constexpr (R == 2) f.template operator()<2>(lower);
  if constexpr (R == 2 && P == 2) f.template operator()<3>(lower + kPanel);
}

template <class A, int R, int P>
void tile_block(Tiles& tiles, const TileBlock& b) noexcept {
  const std::size_t out_bytes = b.out_stride * 4;
  for_sums<R, P>(b, [&]<int kTile>(float* out) {
    if (b.add) {
      tiles.template load<kTile>(out, out_bytes);
    } else {
      tiles.template zero<kTile>();
    }
  });
  for (int step = 0; step < b.steps; ++step) {
    meet<A, R, P>(tiles, b, step);
    if (b.ahead == 0) continue;
    for (int p = 0; p < P; ++p) ask_for_tile(b.weights[p] + step * kTilePairs * kPanel, b.ahead);
  }
  for_sums<R, P>(b, [&]<int kTile>(float* out) { tiles.template store<kTile>(out, out_bytes); });
}

/// Inputs whose weights are prepared together, of a sum without chains. Few rows use them once:
/// they had better stay in the first cache.
constexpr int kPreparedInputs = 1024, kPreparedForFew = kDequantised;
static_assert(kPanelsInTiles * kPreparedInputs / 2 * kPanel <= kScratch);
static_assert(3 * kPanelsInTiles * kSplitChain / 2 * kPanel <= kScratch);

/// A further chain's sums: out += chain.
inline void add_chain(const float* chain, float* out, std::size_t out_stride, int rows,
                      int panels) noexcept {
  for (int r = 0; r < rows; ++r, chain += kPanelsInTiles * kPanel, out += out_stride) {
    for (int i = 0; i < panels * kPanel; i += kPanel) {
      store(out + i, load_floats(out + i) + load_floats(chain + i));
    }
  }
}

template <class A>
void one_tile_block(Tiles& tiles, const TileBlock& b, int rows, int panels) noexcept {
  if (rows > kTileHeight) {
    panels == 2 ? tile_block<A, 2, 2>(tiles, b) : tile_block<A, 2, 1>(tiles, b);
  } else {
    panels == 2 ? tile_block<A, 1, 2>(tiles, b) : tile_block<A, 1, 1>(tiles, b);
  }
}

template <class A>
void multiply_in_tiles(const MultiplyTask& m) noexcept {
  const PackedMatrix& w = *m.matrix;
  const std::size_t x_stride = row_stride(A::kForm, w.in);
  const float* x =
      packed_rows(m, A::kForm == RowForm::pairs ? pack_for_tiles : pack_splits, x_stride);
  // Such a panel is a column of tiles as it lies.
  const bool ready = w.format == Format::bfloat16 && w.in % kTileInputs == 0;
  const int chunk = A::kChains               ? kSplitChain
                    : ready                  ? w.in
                    : m.rows <= kRowsInTiles ? kPreparedForFew
                                             : kPreparedInputs;
  TileBlock b;
  b.x_stride = x_stride;
  b.part_floats = static_cast<std::size_t>(chunk / 2 * kPanel);
  alignas(64) float chain[kRowsInTiles * kPanelsInTiles * kPanel];
  Tiles tiles;
  int shaped = 0;
  for (int p = m.first; p < m.last; p += kPanelsInTiles) {
    const int panels = m.last - p < kPanelsInTiles ? m.last - p : kPanelsInTiles;
    for (int k = 0; k < w.in; k += chunk) {
      const int n = w.in - k < chunk ? w.in - k : chunk;
      for (int i = 0; i < panels; ++i) {
        float* prepared = m.scratch + static_cast<std::size_t>(i * A::kWeightParts) * b.part_floats;
        if (!ready) prepare_weights<A>(w, p + i, k, n, prepared, b.part_floats);
        const auto* lying = reinterpret_cast<const float*>(w.panel(p + i)) + k / 2 * kPanel;
        b.weights[i] = ready ? lying : prepared;
      }
      const bool further_chain = A::kChains && k > 0;
      b.steps = (n + kTileInputs - 1) / kTileInputs;
      b.add = k > 0 && !further_chain;
      b.out_stride = further_chain ? kPanelsInTiles * kPanel : m.out_stride;
      for (int r = 0; r < m.rows; r += kRowsInTiles) {
        const int rows = m.rows - r < kRowsInTiles ? m.rows - r : kRowsInTiles;
        if (rows != shaped) tiles.shape(shapes_for(shaped = rows));
        const auto row = static_cast<std::size_t>(r);
        float* out = m.out + row * m.out_stride + (p - m.first) * kPanel;
        b.x = x + row * x_stride + k / kTileInputs * A::kRowParts * kTilePairs;
        b.out = further_chain ? chain : out;
        // The last rows leave memory time to bring the next two panels.
        b.ahead = ready && r + rows == m.rows ? kPanelsInTiles * w.panel_bytes : 0;
        one_tile_block<A>(tiles, b, rows, panels);
        if (further_chain) add_chain(chain, out, m.out_stride, rows, panels);
      }
    }
  }
  tiles.release();
  finish_all(m);
}
