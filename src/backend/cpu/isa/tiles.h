#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>

/// The tile registers of Intel's matrix unit (AMX), twice: the unit itself, and what Intel's manual
/// says it computes in portable code. Kernels are templates over either, so that the same kernel
/// runs on every processor, if slowly.
///
/// A tile is sixteen rows of 64 bytes: sixteen float32 numbers or pairs of bfloat16. Both types
/// have
///     shape(shapes)              how many rows each tile has; all tiles become zeros
///     zero<T>(), load<T>(from, stride), store<T>(to, stride)       of tile T; strides in bytes
///     dot<S, X, W>()             tile S += X · W, X's columns and W's rows being pairs of bfloat16
///     dot_bytes<S, X, W>()       the same for four bytes with sign each, sums of 32 bits
///     release()                  no tile is needed any more
/// and load and store touch no more rows than the tile has.
namespace typecase::cpu {

inline constexpr int kTiles = 8;
inline constexpr int kTileHeight = 16;              ///< rows of a tile
inline constexpr int kTilePairs = 16;               ///< numbers or pairs in a row
inline constexpr int kTileInputs = 2 * kTilePairs;  ///< that one dot() sums
inline constexpr std::size_t kTileRowBytes = 4 * kTilePairs;
inline constexpr std::size_t kTileBytes = kTileHeight * kTileRowBytes;
/// Two tiles of rows times two panels: four tiles of sums, two of x and two of weights are all
/// there are.
inline constexpr int kPanelsInTiles = 2, kRowsInTiles = 2 * kTileHeight;

/// What the instruction LDTILECFG reads (palette 1). All tiles of full size, until told otherwise.
struct alignas(64) TileShapes {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileShapes) == 64);

/// For bfloat16 rows, up to kRowsInTiles: sums in tiles 0 to 3, rows in 4 and 5, weights in 6 and
/// 7. What is not there is neither read nor written.
inline TileShapes shapes_for(int rows) noexcept {
  TileShapes shapes;
  const int upper = rows < kTileHeight ? rows : kTileHeight;
  const int lower = rows > kTileHeight ? rows - kTileHeight : kTileHeight;
  for (const int tile : {0, 1, 4}) shapes.rows[tile] = static_cast<std::uint8_t>(upper);
  for (const int tile : {2, 3, 5}) shapes.rows[tile] = static_cast<std::uint8_t>(lower);
  return shapes;
}

/// For blocks of 32 bytes of up to kTileHeight rows: sums in tiles 0 to 2, rows in 3 to 5, weights
/// in 6, four inputs to a row of it.
inline TileShapes shapes_for_blocks(int rows) noexcept {
  TileShapes shapes;
  for (int tile = 0; tile < 6; ++tile) shapes.rows[tile] = static_cast<std::uint8_t>(rows);
  for (int tile = 3; tile < 6; ++tile) shapes.row_bytes[tile] = 32;
  shapes.rows[6] = 8;
  return shapes;
}

/// A subnormal number becomes the zero of its sign.
inline float flushed(float x) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  return (bits & 0x7f800000u) == 0 ? std::bit_cast<float>(bits & 0x80000000u) : x;
}

/// x·w + sum of bfloat16 numbers x and w, rounded once, of normal numbers to a normal number: what
/// x86's fused multiply-add gives with FTZ and DAZ set.
///
/// In double precision the product is exact, and the sum of two float32 numbers keeps enough digits
/// that rounding it again is as good as rounding once. A result too small is told by its value
/// rounded to 24 bits as if exponents had no bound: of those below the least normal number only
/// what lies within half of such a unit rounds up to it. Sums that small are exact.
inline float flushed_multiply_add(float x, float w, float sum) noexcept {
  const double y = double{flushed(x)} * double{flushed(w)} + double{flushed(sum)};
  constexpr double kLeast = 0x1p-126 - 0x1p-151;
  const double size = y < 0 ? -y : y;
  return static_cast<float>(size < kLeast ? y * 0.0 : y);
}

/// The tiles in portable code.
class TilesInSoftware {
 public:
  void shape(const TileShapes& shapes) noexcept {
    shapes_ = shapes;
    std::memset(tiles_, 0, sizeof tiles_);
  }
  void release() noexcept {}

  template <int kTile>
  void zero() noexcept {
    std::memset(tiles_[kTile], 0, kTileBytes);
  }
  template <int kTile>
  void load(const void* from, std::size_t stride) noexcept {
    zero<kTile>();
    for (std::size_t r = 0; r < shapes_.rows[kTile]; ++r) {
      std::memcpy(tiles_[kTile][r], static_cast<const std::byte*>(from) + r * stride,
                  shapes_.row_bytes[kTile]);
    }
  }
  template <int kTile>
  void store(void* to, std::size_t stride) const noexcept {
    for (std::size_t r = 0; r < shapes_.rows[kTile]; ++r) {
      std::memcpy(static_cast<std::byte*>(to) + r * stride, tiles_[kTile][r],
                  shapes_.row_bytes[kTile]);
    }
  }

  /// TDPBF16PS of Intel's manual, volume 2. For row m of X and column n of W
  ///     even = Σ_k X[m][k].low · W[k][n].low       k = 0, 1, …, 15, from zero, a fused
  ///     odd  = Σ_k X[m][k].high · W[k][n].high     multiply-add each
  ///     S[m][n] = S[m][n] + (even + odd)
  /// each sum rounded to nearest, ties to even; subnormal numbers, taken or given, are zeros.
  template <int kSums, int kX, int kW>
  void dot() noexcept {
    for (int m = 0; m < shapes_.rows[kSums]; ++m) {
      float even[kTilePairs] = {}, odd[kTilePairs] = {};
      for (int k = 0; k < kTilePairs; ++k) {
        const std::uint32_t x = tiles_[kX][m][k];
        for (int n = 0; n < kTilePairs; ++n) {
          const std::uint32_t w = tiles_[kW][k][n];
          even[n] = flushed_multiply_add(low(x), low(w), even[n]);
          odd[n] = flushed_multiply_add(high(x), high(w), odd[n]);
        }
      }
      for (int n = 0; n < kTilePairs; ++n) {
        std::uint32_t& sum = tiles_[kSums][m][n];
        const float before = flushed(std::bit_cast<float>(sum));
        sum = std::bit_cast<std::uint32_t>(flushed(before + flushed(even[n] + odd[n])));
      }
    }
  }

  /// TDPBSSD: S[m][n] += Σ_k Σ_i X[m][k].byte i · W[k][n].byte i, without any error below 2³¹.
  template <int kSums, int kX, int kW>
  void dot_bytes() noexcept {
    for (int m = 0; m < shapes_.rows[kSums]; ++m) {
      for (int n = 0; n < kTilePairs; ++n) {
        for (int k = 0; k < shapes_.row_bytes[kX] / 4; ++k) {
          const std::uint32_t x = tiles_[kX][m][k], w = tiles_[kW][k][n];
          for (int i = 0; i < 32; i += 8) {
            tiles_[kSums][m][n] += static_cast<std::uint32_t>(byte_at(x, i) * byte_at(w, i));
          }
        }
      }
    }
  }

 private:
  static int byte_at(std::uint32_t four, int i) noexcept {
    return static_cast<std::int8_t>(four >> i & 0xff);
  }
  /// A bfloat16 is the upper half of a float.
  static float low(std::uint32_t pair) noexcept { return std::bit_cast<float>(pair << 16); }
  static float high(std::uint32_t pair) noexcept {
    return std::bit_cast<float>(pair & 0xffff0000u);
  }

  TileShapes shapes_;
  std::uint32_t tiles_[kTiles][kTileHeight][kTilePairs] = {};
};

#if defined(__x86_64__)
/// The tiles of this processor. One instruction each: the compilers' intrinsics want a literal for
/// the number of a tile, which a template's parameter is not. Compilers neither use tiles by
/// themselves nor keep them, so nothing may stand between shape() and release() that uses tiles
/// too.
class TilesOfProcessor {
 public:
  void shape(const TileShapes& shapes) noexcept {
    __asm__ volatile("ldtilecfg %0" : : "m"(shapes));
  }
  void release() noexcept { __asm__ volatile("tilerelease"); }

  template <int kTile>
  void zero() noexcept {
    __asm__ volatile("tilezero %%tmm%c0" : : "i"(kTile));
  }
  template <int kTile>
  void load(const void* from, std::size_t stride) noexcept {
    __asm__ volatile("tileloadd (%0,%1,1), %%tmm%c2"
                     :
                     : "r"(from), "r"(stride), "i"(kTile)
                     : "memory");
  }
  template <int kTile>
  void store(void* to, std::size_t stride) const noexcept {
    __asm__ volatile("tilestored %%tmm%c2, (%0,%1,1)"
                     :
                     : "r"(to), "r"(stride), "i"(kTile)
                     : "memory");
  }
  template <int kSums, int kX, int kW>
  void dot() noexcept {
    __asm__ volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kSums), "i"(kX), "i"(kW));
  }
  template <int kSums, int kX, int kW>
  void dot_bytes() noexcept {
    __asm__ volatile("tdpbssd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kSums), "i"(kX), "i"(kW));
  }
};
#endif

}  // namespace typecase::cpu
