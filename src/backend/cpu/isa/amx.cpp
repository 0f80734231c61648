#include "backend/cpu/isa/tile_samples.h"
#include "backend/cpu/isa/x86.h"

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

TYPECASE_TARGET("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx512vnni")
/// avx512_vnni, except that matrices of bfloat16 and float32 plans are multiplied in tiles: see
/// multiply_tiles.h.
namespace typecase::cpu::amx {

using Tiles = TilesOfProcessor;

#include "backend/cpu/isa/avx512_natives.inc.h"
//
#include "backend/cpu/isa/bf16_natives.inc.h"
//
#include "backend/cpu/isa/vnni_natives.inc.h"
//
#include "backend/cpu/isa/tile_kernels.inc.h"

}  // namespace typecase::cpu::amx
TYPECASE_TARGET_END

namespace typecase::cpu {
namespace {

constexpr int kTileData = 18;  // the number of the tiles' 8 KiB among the states of a thread

void multiply(const MultiplyTask& m) noexcept {
  if (!amx::multiply_by_tiles(m)) avx512_vnni_kernels().multiply(m);
}

}  // namespace

const Kernels& amx_kernels() noexcept {
  static const Kernels table = [] {
    Kernels all = amx::with_tiles(avx512_vnni_kernels());
    all.name = "amx";
    all.multiply = multiply;
    return all;
  }();
  return table;
}

bool has_tiles() noexcept {
  constexpr unsigned kBfloat16 = 1u << 22, kTile = 1u << 24, kInt8 = 1u << 25;
  constexpr unsigned kWanted = kBfloat16 | kTile | kInt8;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & kWanted) != kWanted) return false;
#if defined(__linux__)
  constexpr int kStatesOfSystem = 0x1021;  // ARCH_GET_XCOMP_SUPP
  std::uint64_t states = 0;
  return syscall(SYS_arch_prctl, kStatesOfSystem, &states) == 0 && (states >> kTileData & 1) != 0;
#else
  return false;
#endif
}

bool ask_for_tiles() noexcept {
#if defined(__linux__)
  constexpr int kAskForState = 0x1023;  // ARCH_REQ_XCOMP_PERM
  static const bool allowed = syscall(SYS_arch_prctl, kAskForState, kTileData) == 0;
  return allowed;
#else
  return false;
#endif
}

bool tiles_keep_to_the_manual() noexcept {
  static const bool agree = tiles_agree<TilesOfProcessor, TilesInSoftware>();
  return agree;
}

}  // namespace typecase::cpu
#endif
