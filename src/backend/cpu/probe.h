#pragma once

#include "tensor/dtype.h"

#include <cstddef>
#include <optional>
#include <string>

/// What this machine can do at most, measured now: every speed we report stands beside these.
///
/// Where a function takes `bursts`, it measures each of its ways so many times, in turn, and
/// returns the best way's upper quartile: other load only ever slows a burst, and one that looks
/// too fast decides nothing.
namespace typecase::cpu {

/// Bytes per second that `threads` threads together read from `bytes` of memory: each its own part
/// in huge pages, in one to eight far-apart streams, with and without asking ahead.
double read_bandwidth(std::size_t bytes, int threads, int bursts = 5);

/// Operations per second (a fused multiply-add is two) of an ISA level's matrix kernel on `threads`
/// threads, in a plan of `dtype` whose weights have it too, operands in the caches next to the
/// core: what a prefill of any shape could reach at most.
/// Throws Error(unsupported) for a level this processor cannot run.
double multiply_rate(const std::string& level, int threads, int bursts = 5,
                     DType dtype = DType::float32);

/// An instruction that multiplies and adds.
enum class Unit {
  avx2_fma,      ///< vfmadd231ps, eight lanes
  avx512_fma,    ///< vfmadd231ps, sixteen lanes
  avx512_bf16,   ///< vdpbf16ps
  avx512_vnni,   ///< vpdpbusd
  amx_bfloat16,  ///< tdpbf16ps
  amx_int8,      ///< tdpbssd
};
inline constexpr Unit kUnits[] = {Unit::avx2_fma,    Unit::avx512_fma,   Unit::avx512_bf16,
                                  Unit::avx512_vnni, Unit::amx_bfloat16, Unit::amx_int8};

/// The enumerator's name.
const char* name(Unit unit) noexcept;

/// Operations per second (a multiplication and its addition are two) on registers alone. nullopt
/// where processor or system has no such unit.
std::optional<double> unit_rate(Unit unit, int threads, int bursts = 5);

/// Weights per second that `threads` threads turn from `stored` into float32 and multiply with one
/// row, the weights in the cache next to the core: beside read_bandwidth() the other limit of
/// decoding in float32. With `dots` bfloat16 weights are multiplied in pairs as they are, as a
/// bfloat16 plan does on level avx512_bf16. The loop holds the least instructions we know, written
/// apart from the kernels it is to judge. nullopt for formats and levels it is not written for.
std::optional<double> dequantise_rate(DType stored, const std::string& level, int threads,
                                      bool dots = false, int bursts = 5);

}  // namespace typecase::cpu
