#pragma once

#include "backend/reference/table.h"

namespace typecase::reference {

/// f(x) with the reference's rounding points: those it computes as a chain of tensor operations
/// round at every link.
float activate(Activation f, float x, Rounding r) noexcept;

}  // namespace typecase::reference
