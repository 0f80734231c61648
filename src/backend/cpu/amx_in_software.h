#pragma once

#include "backend/backend.h"
#include "backend/cpu/isa/levels.h"
#include "backend/cpu/isa/multiply_tiles.h"

#include <string>
#include <vector>

/// For tests: level amx on every processor. Its kernel with tiles in software; what is not its own
/// is scalar's instead of avx512's.
namespace typecase::cpu {

inline constexpr char kAmxInSoftware[] = "amx_in_software";

inline const Kernels& amx_in_software() {
  static const Kernels table = [] {
    Kernels all = scalar_kernels();
    all.name = kAmxInSoftware;
    all.pack = pack_for_tiles;
    all.multiply = [](const MultiplyTask& m) noexcept {
      fits_tiles(m) ? multiply_in_tiles<TilesInSoftware>(m, scalar_kernels())
                    : scalar_kernels().multiply(m);
    };
    return all;
  }();
  return table;
}

/// The levels of this build and that one; whether this processor can run one; its kernels.
inline std::vector<std::string> tested_levels() {
  std::vector<std::string> all = cpu_isa_levels();
  all.emplace_back(kAmxInSoftware);
  return all;
}
inline bool can_test(const std::string& level) {
  return level == kAmxInSoftware || cpu_isa_available(level);
}
inline const Kernels& tested_kernels(const std::string& level) {
  return level == kAmxInSoftware ? amx_in_software() : kernels_for(level);
}

}  // namespace typecase::cpu
