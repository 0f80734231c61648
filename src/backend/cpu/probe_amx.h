#pragma once

#include <optional>

namespace typecase::cpu {

/// unit_rate() of AMX, 8-bit or bfloat16; nullopt where processor or system does not offer it.
std::optional<double> amx_rate(bool int8, int threads, int bursts);

}  // namespace typecase::cpu
