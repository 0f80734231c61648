#include "backend/cpu/probe_amx.h"

#include "backend/cpu/probe_bursts.h"

#if defined(__x86_64__) && defined(__linux__)
#include "base/target.h"

#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

// Not run on the machines this project was built on: they have no such unit.

namespace typecase::cpu {
namespace {

/// A tile is sixteen rows of 64 bytes.
struct alignas(64) Tile {
  std::uint8_t bytes[16 * 64] = {};
};

/// Palette 1: eight tiles, all of the full size.
struct alignas(64) Shapes {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(Shapes) == 64);

constexpr int kSteps = 100;

}  // namespace
}  // namespace typecase::cpu

TYPECASE_TARGET("amx-tile,amx-bf16,amx-int8")
namespace typecase::cpu {
namespace {

/// Four sums of two tiles by two: what a blocked product keeps in the eight tiles.
template <bool kInt8>
void products(int times) noexcept {
  const Shapes shapes;
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
namespace {

/// CPUID leaf 7 names the instructions; the system must let the process keep the tiles' 8 KiB.
bool available() {
  constexpr unsigned kBfloat16 = 1u << 22, kTile = 1u << 24, kInt8 = 1u << 25;
  constexpr unsigned kAll = kBfloat16 | kTile | kInt8;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & kAll) != kAll) return false;
  constexpr int kAskForState = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kAskForState, kTileData) == 0;
}

}  // namespace

std::optional<double> amx_rate(bool int8, int threads, int bursts) {
  if (!available()) return std::nullopt;
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
