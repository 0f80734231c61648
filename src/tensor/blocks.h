#pragma once

#include "tensor/convert.h"

#include <cstddef>
#include <cstdint>

namespace typecase {

/// One block of a quantised format → its weights. Each reads traits(dtype).block_bytes bytes (of
/// any alignment) and writes block_size floats. Every product and sum is rounded to float32 as
/// written, in the order of the Python package gguf, whose values the reference multiplies with.
using DequantiseBlock = void (*)(const std::uint8_t* block, float* out) noexcept;

/// The float16 in two bytes.
inline float half(const std::uint8_t* b) noexcept {
  return float16_to_float(static_cast<std::uint16_t>(b[0] | (b[1] << 8)));
}

// 32 weights with one scale.
void dequantise_q4_0(const std::uint8_t* block, float* out) noexcept;
void dequantise_q4_1(const std::uint8_t* block, float* out) noexcept;
void dequantise_q5_0(const std::uint8_t* block, float* out) noexcept;
void dequantise_q5_1(const std::uint8_t* block, float* out) noexcept;
void dequantise_q8_0(const std::uint8_t* block, float* out) noexcept;

// 256 weights: 8 or 16 parts with quantised scales.
void dequantise_q2_k(const std::uint8_t* block, float* out) noexcept;
void dequantise_q3_k(const std::uint8_t* block, float* out) noexcept;
void dequantise_q4_k(const std::uint8_t* block, float* out) noexcept;
void dequantise_q5_k(const std::uint8_t* block, float* out) noexcept;
void dequantise_q6_k(const std::uint8_t* block, float* out) noexcept;

// Sixteen uneven levels.
void dequantise_iq4_nl(const std::uint8_t* block, float* out) noexcept;
void dequantise_iq4_xs(const std::uint8_t* block, float* out) noexcept;

}  // namespace typecase
