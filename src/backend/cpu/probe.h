#pragma once

#include "tensor/dtype.h"

#include <cstddef>
#include <string>

/// What this machine can do at most, measured now: every speed we report stands beside these.
namespace typecase::cpu {

/// Bytes per second that `threads` threads together read from `bytes` of memory, each its own part
/// in four far-apart streams. The best of `repeats` bursts: other load only ever lowers a burst.
double read_bandwidth(std::size_t bytes, int threads, int repeats = 5);

/// Operations per second (a fused multiply-add is two) of an ISA level's matrix kernel on `threads`
/// threads, in a plan of `dtype` whose weights have it too, operands in the caches next to the
/// core: what a prefill of any shape could reach at most. The best of `repeats` bursts.
double multiply_rate(const std::string& level, int threads, int repeats = 5,
                     DType dtype = DType::float32);

}  // namespace typecase::cpu
