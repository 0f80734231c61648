#pragma once

#include "backend/cpu/isa/tiles.h"
#include "backend/cpu/packed.h"
#include "backend/cpu/row_forms.h"

#include <algorithm>

/// The matrix kernel of level amx, over a type of tiles (tiles.h).
///
/// A panel of Format::bfloat16, [k / 2][lane][k % 2], is a column of tiles as it lies: sixteen
/// pairs of inputs are sixteen rows of 64 bytes. So are rows of x that pack_for_tiles() made. A sum
/// is
///     y[r][o] = Σ_s (Σ_{i even} x[r][32s + i]·W[o][32s + i] + the same for odd i),   s = 0, 1, …
/// in that order whatever the number of rows; inputs that the last step lacks are zeros.
namespace typecase::cpu {

inline bool fits_tiles(const MultiplyTask& m) noexcept {
  return m.dtype == DType::bfloat16 && m.matrix->format == Format::bfloat16;
}

/// Kernels::pack: pairs of bfloat16, with zeros up to a whole number of tiles.
inline void pack_for_tiles(const float* x, int in, float* to) noexcept {
  // x holds bfloat16 numbers: the upper half is all of them, except that of a NaN it may be none.
  const auto half = [](float number) {
    const auto upper = std::bit_cast<std::uint32_t>(number) >> 16;
    return number != number ? upper | 0x40u : upper;
  };
  const auto put = [to](int pair, std::uint32_t bits) { std::memcpy(to + pair, &bits, 4); };
  for (int k = 0; k < in / 2; ++k) put(k, half(x[2 * k]) | half(x[2 * k + 1]) << 16);
  int k = in / 2;
  if (in % 2 != 0) put(k++, half(x[in - 1]));
  for (; k % kTilePairs != 0; ++k) put(k, 0);
}

inline const float* rows_for_tiles(const MultiplyTask& m) noexcept {
  if (m.packed != nullptr) return m.packed;
  const std::size_t stride = row_stride(RowForm::pairs, m.matrix->in);
  for (std::size_t r = 0; r < static_cast<std::size_t>(m.rows); ++r) {
    pack_for_tiles(m.x + r * m.x_stride, m.matrix->in, m.pairs + r * stride);
  }
  return m.pairs;
}

/// Two tiles of rows times two panels: four tiles of sums, two of x and two of weights are all
/// there are.
inline constexpr int kPanelsInTiles = 2, kRowsInTiles = 2 * kTileHeight;

/// One or two panels, step by step.
struct TileWeights {
  /// REQUIRES: room for kPanelsInTiles · kTileBytes at `last`.
  TileWeights(const PackedMatrix& matrix, int first, int count, std::byte* last) noexcept
      : panels(count),
        steps((matrix.in + kTileInputs - 1) / kTileInputs),
        whole(matrix.in / kTileInputs),
        panel_bytes(matrix.panel_bytes),
        begin(matrix.panel(first)),
        rest(last) {
    if (whole == steps) return;
    const std::size_t done = static_cast<std::size_t>(whole) * kTileBytes;
    std::memset(last, 0, kPanelsInTiles * kTileBytes);
    for (std::size_t p = 0; p < static_cast<std::size_t>(count); ++p) {
      std::memcpy(last + p * kTileBytes, begin + p * panel_bytes + done, panel_bytes - done);
    }
  }

  const std::byte* tile(int step, std::size_t panel) const noexcept {
    return step == whole
               ? rest + panel * kTileBytes
               : begin + panel * panel_bytes + static_cast<std::size_t>(step) * kTileBytes;
  }

  int panels, steps, whole;
  std::size_t panel_bytes;
  const std::byte* begin;
  const std::byte* rest;  // what no whole tile is made of, with zeros behind it
};

/// Asks for the weights that will be needed `distance` bytes from here, into the second cache.
inline void ask_for_tile(const std::byte* from, std::size_t distance) noexcept {
  for (std::size_t line = 0; line < kTileBytes; line += 64) {
    __builtin_prefetch(from + distance + line, 0, 2);
  }
}

/// out[r][p] = Σ x[r] · W[p] for R tiles of rows and P panels.
template <int R, int P, class Tiles>
void tile_block(Tiles& tiles, const TileWeights& w, const float* x, std::size_t x_stride,
                float* out, std::size_t out_stride, std::size_t distance) noexcept {
  tiles.template zero<0>();
  if constexpr (P == 2) tiles.template zero<1>();
  if constexpr (R == 2) tiles.template zero<2>();
  if constexpr (R == 2 && P == 2) tiles.template zero<3>();
  for (int s = 0; s < w.steps; ++s) {
    const float* column = x + s * kTilePairs;
    tiles.template load<4>(column, x_stride * 4);
    if constexpr (R == 2) tiles.template load<5>(column + kTileHeight * x_stride, x_stride * 4);
    tiles.template load<6>(w.tile(s, 0), kTileRowBytes);
    tiles.template dot<0, 4, 6>();
    if constexpr (R == 2) tiles.template dot<2, 5, 6>();
    if constexpr (P == 2) {
      tiles.template load<7>(w.tile(s, 1), kTileRowBytes);
      tiles.template dot<1, 4, 7>();
      if constexpr (R == 2) tiles.template dot<3, 5, 7>();
    }
    if (distance == 0) continue;
    for (std::size_t p = 0; p < P; ++p) ask_for_tile(w.tile(s, p), distance);
  }
  tiles.template store<0>(out, out_stride * 4);
  if constexpr (P == 2) tiles.template store<1>(out + kPanel, out_stride * 4);
  float* lower = out + kTileHeight * out_stride;
  if constexpr (R == 2) tiles.template store<2>(lower, out_stride * 4);
  if constexpr (R == 2 && P == 2) tiles.template store<3>(lower + kPanel, out_stride * 4);
}

/// Tiles for up to kRowsInTiles rows: what is not there is neither read nor written.
inline TileShapes shapes_for(int rows) noexcept {
  TileShapes shapes;
  const int upper = std::min(rows, kTileHeight);
  const int lower = rows > kTileHeight ? rows - kTileHeight : kTileHeight;
  for (const int tile : {0, 1, 4}) shapes.rows[tile] = static_cast<std::uint8_t>(upper);
  for (const int tile : {2, 3, 5}) shapes.rows[tile] = static_cast<std::uint8_t>(lower);
  return shapes;
}

/// Kernels::multiply. `rest` is the level that does everything else.   REQUIRES: fits_tiles(m).
template <class Tiles>
void multiply_in_tiles(const MultiplyTask& m, const Kernels& rest) noexcept {
  const float* x = rows_for_tiles(m);
  const std::size_t x_stride = row_stride(RowForm::pairs, m.matrix->in);
  alignas(64) std::byte last[kPanelsInTiles * kTileBytes];
  Tiles tiles;
  int shaped = 0;
  for (int p = m.first; p < m.last; p += kPanelsInTiles) {
    const TileWeights w(*m.matrix, p, std::min(kPanelsInTiles, m.last - p), last);
    for (int r = 0; r < m.rows; r += kRowsInTiles) {
      const int rows = std::min(kRowsInTiles, m.rows - r);
      if (rows != shaped) tiles.shape(shapes_for(shaped = rows));
      // The last rows leave memory time to bring the next two panels.
      const std::size_t distance = r + rows == m.rows ? kPanelsInTiles * w.panel_bytes : 0;
      const auto block = rows > kTileHeight
                             ? (w.panels == 2 ? tile_block<2, 2, Tiles> : tile_block<2, 1, Tiles>)
                             : (w.panels == 2 ? tile_block<1, 2, Tiles> : tile_block<1, 1, Tiles>);
      const auto row = static_cast<std::size_t>(r);
      block(tiles, w, x + row * x_stride, x_stride,
            m.out + row * m.out_stride + (p - m.first) * kPanel, m.out_stride, distance);
    }
  }
  tiles.release();
  const int n = (m.last - m.first) * kPanel;
  for (std::size_t r = 0; r < static_cast<std::size_t>(m.rows); ++r) {
    float* out = m.out + r * m.out_stride;
    m.bias == nullptr ? rest.scale(m.dtype, 1, out, n)
                      : rest.add(m.dtype, 1, m.bias + m.first * kPanel, out, n);
  }
}

}  // namespace typecase::cpu
