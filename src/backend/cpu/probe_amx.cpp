#include "backend/cpu/probe_amx.h"

#include "backend/cpu/isa/levels.h"
#include "backend/cpu/isa/tiles.h"
#include "backend/cpu/probe_bursts.h"

#if defined(__x86_64__) && defined(__linux__)
#include "base/target.h"

#include <immintrin.h>

#include <cstdint>

// Not run on the machines this project was built on: they have no such unit.

namespace typecase::cpu {
namespace {

/// A tile is sixteen rows of 64 bytes.
struct alignas(64) Tile {
  std::uint8_t bytes[16 * 64] = {};
};

constexpr int kSteps = 100;

}  // namespace
}  // namespace typecase::cpu

TYPECASE_TARGET("amx-tile,amx-bf16,amx-int8")
namespace typecase::cpu {
namespace {

/// Four sums of two tiles by two: what a blocked product keeps in the eight tiles.
template <bool kInt8>
void products(int times) noexcept {
  const TileShapes shapes;
  const Tile zeros;
  // The compiler takes the intrinsic to read eight bytes only.
  __asm__ volatile("" : : "r"(&shapes), "r"(&zeros) : "memory");
  _tile_loadconfig(&shapes);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_loadd(4, zeros.bytes, 64);
  _tile_loadd(5, zeros.bytes, 64);
  _tile_loadd(6, zeros.bytes, 64);
  _tile_loadd(7, zeros.bytes, 64);
  for (int i = 0; i < times * kSteps; ++i) {
    if constexpr (kInt8) {
      _tile_dpbssd(0, 4, 6);
      _tile_dpbssd(1, 4, 7);
      _tile_dpbssd(2, 5, 6);
      _tile_dpbssd(3, 5, 7);
    } else {
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_release();
}

}  // namespace
}  // namespace typecase::cpu
TYPECASE_TARGET_END

namespace typecase::cpu {

std::optional<double> amx_rate(bool int8, int threads, int bursts) {
  if (!has_tiles() || !ask_for_tiles()) return std::nullopt;
  const double depth = int8 ? 64 : 32;
  const double each = 2.0 * 16 * 16 * depth * 4 * kSteps;
  return each * calls_per_second(threads, bursts, int8 ? products<true> : products<false>);
}

}  // namespace typecase::cpu

#else

namespace typecase::cpu {

std::optional<double> amx_rate(bool, int, int) { return std::nullopt; }

}  // namespace typecase::cpu
#endif
