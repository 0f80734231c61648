#pragma once

#include <typecase/json.h>

#include <string>

namespace typecase {

/// Machines of one class are expected to give like figures: make of processor, ISA level, threads.
/// "AMD, avx512_bf16, 2 threads"
std::string machine_class(const std::string& level, int threads);

/// Compares a benchmark's result with the figures that the file holds for its machine class and
/// model, and adds to it
///     "against": {"compared": 5, "fell": [{"measure", "was", "now"}, …]}
/// where `fell` are the measures worse by more than 15 %. With `record` the file, which need not
/// exist, then holds the result's figures for that class and model; others stay.
/// The file: {machine class: {model, dtype: {measure: value}}}.
/// Throws Error(bad_file) for what is no such file, Error(io).
void compare_with_figures(const std::string& path, bool record, Json& result);

}  // namespace typecase
