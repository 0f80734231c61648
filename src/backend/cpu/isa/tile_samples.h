#pragma once

#include "backend/cpu/isa/tiles.h"

/// Single products of tiles, to compare one type of tiles with another.
namespace typecase::cpu {

/// The bits of x, of weights and of the sums before, whole tiles of each.
struct alignas(64) TileSample {
  std::uint32_t x[kTileHeight][kTilePairs], w[kTileHeight][kTilePairs];
  std::uint32_t sums[kTileHeight][kTilePairs];
};

/// sums += x · w of `rows` rows, as pairs of bfloat16 or as blocks of 32 bytes.
template <class Tiles, bool kBytes>
TileSample multiplied(const TileSample& from, int rows) noexcept {
  constexpr int kX = kBytes ? 3 : 4;
  TileSample s = from;
  Tiles tiles;
  tiles.shape(kBytes ? shapes_for_blocks(rows) : shapes_for(rows));
  tiles.template load<0>(s.sums, kTileRowBytes);
  tiles.template load<kX>(s.x, kTileRowBytes);
  tiles.template load<6>(s.w, kTileRowBytes);
  if constexpr (kBytes) {
    tiles.template dot_bytes<0, kX, 6>();
  } else {
    tiles.template dot<0, kX, 6>();
  }
  tiles.template store<0>(s.sums, kTileRowBytes);
  tiles.release();
  return s;
}
template <class Tiles>
TileSample pairs_multiplied(const TileSample& from, int rows) noexcept {
  return multiplied<Tiles, false>(from, rows);
}
template <class Tiles>
TileSample bytes_multiplied(const TileSample& from, int rows) noexcept {
  return multiplied<Tiles, true>(from, rows);
}

/// Whether the sums are the same bits; one NaN is as good as another.
inline bool same_floats(const TileSample& a, const TileSample& b) noexcept {
  for (int m = 0; m < kTileHeight; ++m) {
    for (int n = 0; n < kTilePairs; ++n) {
      const auto x = std::bit_cast<float>(a.sums[m][n]), y = std::bit_cast<float>(b.sums[m][n]);
      if (a.sums[m][n] != b.sums[m][n] && !(x != x && y != y)) return false;
    }
  }
  return true;
}

/// Whether the tiles A and B give the same sums of a few ordinary numbers, and of bytes.
template <class A, class B>
bool tiles_agree() noexcept {
  std::uint32_t random = 1;
  const auto next = [&random] { return random = random * 1664525u + 1013904223u; };
  const auto exponent = [&next] { return 119 + (next() >> 28); };
  TileSample s;
  for (auto* tile : {&s.x, &s.w, &s.sums}) {
    for (auto& row : *tile) {
      for (std::uint32_t& bits : row) {  // two bfloat16 numbers, or a float32 number
        bits = (next() & 0x807f807fu) | exponent() << 23 | exponent() << 7;
      }
    }
  }
  for (const int rows : {kTileHeight, 5}) {
    if (!same_floats(pairs_multiplied<A>(s, rows), pairs_multiplied<B>(s, rows))) return false;
    const TileSample a = bytes_multiplied<A>(s, rows), b = bytes_multiplied<B>(s, rows);
    if (std::memcmp(a.sums, b.sums, sizeof a.sums) != 0) return false;
  }
  return true;
}

}  // namespace typecase::cpu
