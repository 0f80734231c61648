#pragma once

#include "backend/cpu/kernels.h"

#include <string>

namespace typecase::cpu {

/// The kernels of a level: "scalar", "avx2", "avx512", "avx512_bf16". "" asks TYPECASE_ISA, and
/// when that is not set for the fastest this processor and system can run. Throws
/// Error(unsupported) naming the levels there are.
const Kernels& kernels_for(const std::string& level);

/// One table per file isa/<level>.cpp. Calling into one the processor cannot run is fatal.
const Kernels& scalar_kernels() noexcept;
#if defined(__x86_64__)
const Kernels& avx2_kernels() noexcept;
const Kernels& avx512_kernels() noexcept;
const Kernels& avx512_bf16_kernels() noexcept;
#endif

}  // namespace typecase::cpu
