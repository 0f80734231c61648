#pragma once

#include "backend/backend.h"
#include "backend/cpu/isa/levels.h"

#include <string>
#include <vector>

/// For tests: level amx on every processor. Its kernels in portable code over tiles in software;
/// what is not its own is scalar's instead of avx512_vnni's.
namespace typecase::cpu {

inline constexpr char kAmxInSoftware[] = "amx_in_software";
const Kernels& amx_in_software() noexcept;

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

/// For whole executors: the levels that this processor can run, and that one.
inline std::vector<std::string> levels_to_run() {
  std::vector<std::string> all;
  for (const std::string& level : cpu_isa_levels()) {
    if (cpu_isa_available(level)) all.push_back(level);
  }
  offer(amx_in_software());
  all.emplace_back(kAmxInSoftware);
  return all;
}

}  // namespace typecase::cpu
