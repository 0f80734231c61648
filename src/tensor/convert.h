#pragma once

#include "tensor/dtype.h"
#include "tensor/tensor.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace typecase {

/// Bits ↔ value. Narrowing rounds to nearest, ties to even, as torch does; NaN stays NaN.
float bfloat16_to_float(std::uint16_t bits) noexcept;
std::uint16_t float_to_bfloat16(float value) noexcept;
float float16_to_float(std::uint16_t bits) noexcept;
std::uint16_t float_to_float16(float value) noexcept;

/// `value` rounded once to `dtype` (float32, bfloat16 or float16) and back: the r(·) of
/// specs/generation.md 9.2.
float round_to(DType dtype, float value) noexcept;

/// out[i] = weight `first + i` of the flat array `bytes`, as float32. The oracle for every
/// dequantising kernel; formulas stand beside the formats.
/// Throws Error(unsupported) for the float8 types.
/// REQUIRES: first and out.size() are multiples of the block size, and `bytes` holds them.
void to_float32(DType dtype, std::span<const std::byte> bytes, std::int64_t first,
                std::span<float> out);

/// All of a tensor as float32 in the order of its shape (`transposed` and `rows` are put right).
std::vector<float> to_float32(const Tensor& tensor);

}  // namespace typecase
