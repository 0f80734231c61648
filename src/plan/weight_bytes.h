#pragma once

#include "plan/plan.h"

#include <cstdint>

namespace typecase {

/// Bytes of the plan's distinct parameters: in its dtype, or as the file stores them where that is
/// less.
std::uint64_t weight_bytes(const Plan& plan);

}  // namespace typecase
