#pragma once

#include "models/config.h"
#include "plan/plan.h"

namespace typecase {

/// The rotary rule of a config, in either generation of key names: `rope_parameters`, or
/// `rope_theta` with `rope_scaling` (whose `type` is `rope_type`). Every scaling type of the
/// reference: default, linear, dynamic, yarn, longrope, llama3, proportional.
///
/// Throws Error(bad_file) for a parameter that is missing or out of range, Error(unsupported) for
/// an unknown type.
Rope rope(const Config& config, int head_dim, double default_theta = 10000);

}  // namespace typecase
