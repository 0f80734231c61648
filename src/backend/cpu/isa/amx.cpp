#include "backend/cpu/isa/levels.h"
#include "backend/cpu/isa/multiply_tiles.h"

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

/// avx512_vnni, except that bfloat16 plans multiply by their bfloat16 matrices in tiles. The sums
/// are those of multiply_tiles.h and TDPBF16PS (tiles.h).
namespace typecase::cpu {
namespace {

constexpr int kTileData = 18;  // the number of the tiles' 8 KiB among the states of a thread

void multiply(const MultiplyTask& m) noexcept {
  if (!fits_tiles(m)) return avx512_vnni_kernels().multiply(m);
  multiply_in_tiles<TilesOfProcessor>(m, avx512_vnni_kernels());
}

}  // namespace

const Kernels& amx_kernels() noexcept {
  static const Kernels table = [] {
    Kernels all = avx512_vnni_kernels();
    all.name = "amx";
    all.multiply = multiply;
    all.pack = pack_for_tiles;
    return all;
  }();
  return table;
}

bool has_tiles(bool int8) noexcept {
  constexpr unsigned kBfloat16 = 1u << 22, kTile = 1u << 24, kInt8 = 1u << 25;
  const unsigned wanted = kBfloat16 | kTile | (int8 ? kInt8 : 0);
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & wanted) != wanted) return false;
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

}  // namespace typecase::cpu
#endif
