#pragma once

#include "models/config.h"
#include "plan/plan.h"

#include <string_view>

namespace typecase {

/// How a family calls things, and what it takes when they are missing.
struct RopeKeys {
  double theta = 10'000;  ///< the base
  double share = 1;       ///< of a head's dimensions rotates
  std::string_view theta_key = "rope_theta";
  std::string_view share_key = "partial_rotary_factor";
  bool yarn_is_longrope = false;  ///< so Phi-3's first files called it
};

/// The rotary rule of a config, in either generation of key names: `rope_parameters`, or
/// `rope_theta` with `rope_scaling` (whose `type` is `rope_type`). Every scaling type of the
/// reference: default, linear, dynamic, yarn, longrope, llama3, proportional.
///
/// Throws Error(bad_file) for a parameter that is missing or out of range, Error(unsupported) for
/// an unknown type.
Rope rope(const Config& config, int head_dim, const RopeKeys& keys = {});

/// The same from an object of its own (`parameters`) beside the config's other keys.
Rope rope_of(const Config& config, const Config& parameters, int head_dim,
             const RopeKeys& keys = {});

/// No scaling: `dim` dimensions rotate.
Rope default_rope(int dim, double theta);

}  // namespace typecase
