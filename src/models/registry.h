#pragma once

#include "checkpoint/checkpoint.h"
#include "models/config.h"
#include "plan/plan.h"

#include <span>
#include <string_view>

namespace typecase {

/// One family of networks.
struct Family {
  std::string_view architecture;  ///< the class in config.json's `architectures`
  std::string_view
      model_type;  ///< config.json's `model_type`, used when `architectures` is missing
  std::string_view description;  ///< one line for `show` and the README
  Plan (*plan)(const Config&, const Weights&);
};

/// Every family there is, in one explicit table.
std::span<const Family> families();

/// What load-time options may change about a plan.
struct PlanOptions {
  std::string_view dtype = "auto";                ///< auto, float32, bfloat16, float16
  std::string_view attn_implementation = "auto";  ///< auto, sdpa, eager
};

/// The plan of a checkpoint.
/// Throws Error(unsupported) for an unknown architecture (listing those there are), for custom code
/// (`auto_map` without a known architecture: never executed); Error(bad_file) for config values and
/// for missing or misshaped tensors, all at once; Error(invalid_argument) for an unknown option.
/// REQUIRES: `checkpoint` outlives the plan's use.
Plan make_plan(const Checkpoint& checkpoint, const PlanOptions& options = {});

/// "auto" → config `dtype` or `torch_dtype`, else the first floating tensor's; GGUF: float32.
DType arithmetic_dtype(const Checkpoint& checkpoint, std::string_view option);

}  // namespace typecase
