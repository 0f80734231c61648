#pragma once

#include <typecase/json.h>
#include <typecase/model.h>

#include <functional>
#include <string>

namespace typecase {

/// What to measure.
struct BenchmarkOptions {
  int prompt_tokens = 128;  ///< prefill length
  int new_tokens = 32;      ///< decode steps
  int repeats = 5;          ///< medians of this many
  std::function<void(const std::string&)> on_progress{};
};

/// Load, prefill and decode speed of a model beside the limits probed in the same run (read
/// bandwidth at the model's footprint, multiply-add rate): each figure with its share of the limit.
/// Repeats of all measures are interleaved; the result holds medians and the spread. Keys are
/// stable.
Json benchmark(const std::string& model_path, const ModelOptions& model_options,
               const BenchmarkOptions& options = {});

}  // namespace typecase
