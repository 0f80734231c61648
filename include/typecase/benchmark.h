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
  /// A file of figures measured before (bench/figures.json); "" compares with none.
  std::string figures{};
  bool record = false;  ///< puts this run's figures there in place of the earlier ones
  std::function<void(const std::string&)> on_progress{};
};

/// Load, prefill and decode speed of a model beside the limits probed in the same run (read
/// bandwidth at the model's footprint, multiply-add rates, dequantise-and-multiply rate): each
/// figure with its share of the limit. Repeats of all measures are interleaved; the result holds
/// medians and the spread. Keys are stable. With `figures` the result's "against" says which
/// measures fell by more than 15 % on a machine of this class. Throws Error(bad_file), Error(io)
/// for that file.
Json benchmark(const std::string& model_path, const ModelOptions& model_options,
               const BenchmarkOptions& options = {});

}  // namespace typecase
