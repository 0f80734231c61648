#pragma once

#include "backend/reference/table.h"

namespace typecase::reference {

/// Rotates one head in place: formulas at plan.h's Rope.
void rotate(std::span<float> head, const Rope& rope, std::int64_t position,
            std::int64_t rotary_length, Rounding r);

}  // namespace typecase::reference
