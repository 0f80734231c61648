#pragma once

#include "backend/cpu/kernels.h"

#include <string>

namespace typecase::cpu {

/// The kernels of a level: "scalar", "avx2", "avx512", "avx512_vnni", "avx512_bf16", "amx". ""
/// asks TYPECASE_ISA, and when that is not set for the best one this processor and system can run.
/// Throws Error(unsupported) naming the levels there are.
const Kernels& kernels_for(const std::string& level);

/// What the choice of a level depends on.
struct Processor {
  bool avx2 = false, avx512 = false, avx512_vnni = false, avx512_bf16 = false, amx = false;
  bool amd = false;  ///< its maker
};
const Processor& this_processor();
/// The level that is taken when none is asked for.
std::string level_for(const Processor& processor, bool tiles_usable = true);
/// Why a processor that can run the level is not given it by itself; else nothing.
std::string why_not_chosen(const std::string& level, const Processor& processor);

/// For tests: kernels_for() finds these too, by their name.
void offer(const Kernels& kernels) noexcept;

/// One table per file isa/<level>.cpp. Calling into one the processor cannot run is fatal.
const Kernels& scalar_kernels() noexcept;
#if defined(__x86_64__)
const Kernels& avx2_kernels() noexcept;
const Kernels& avx512_kernels() noexcept;
const Kernels& avx512_vnni_kernels() noexcept;
const Kernels& avx512_bf16_kernels() noexcept;
const Kernels& amx_kernels() noexcept;

/// Whether processor and system have tiles for bfloat16 and 8-bit integers.
bool has_tiles() noexcept;
/// Whether this process may use them: the system is asked once. Not before tiles are wanted,
/// because signal stacks must be larger from then on.
bool ask_for_tiles() noexcept;
/// Whether the unit gives the bits that Intel's manual promises, of a few products: the arithmetic
/// of level amx is tested in software, by that manual. Tried once, in less than a millisecond.
/// REQUIRES: ask_for_tiles().
bool tiles_keep_to_the_manual() noexcept;
#endif

}  // namespace typecase::cpu
