/// Q4_0 Q4_1 Q5_0 Q5_1 Q8_0: 32 weights, one scale d, perhaps one minimum m.
///
/// The first 16 weights are the low halves of the 16 bytes q, the last 16 the high halves; a fifth
/// bit of weight i is bit i of the 32-bit word.
#include "tensor/blocks.h"

#include <cstring>

namespace typecase {
namespace {

constexpr int kHalf = 16;

/// The 5-bit number of weight i: four bits from q, the fifth from `high`.
int five_bits(const std::uint8_t* q, std::uint32_t high, int i) noexcept {
  const int low = i < kHalf ? q[i] & 15 : q[i - kHalf] >> 4;
  return low | static_cast<int>((high >> i) & 1) << 4;
}

std::uint32_t word(const std::uint8_t* b) noexcept {
  std::uint32_t out;
  std::memcpy(&out, b, sizeof out);
  return out;
}

}  // namespace

/// [d: f16][q: 16 bytes]        w = d·(q − 8)
void dequantise_q4_0(const std::uint8_t* block, float* out) noexcept {
  const float d = half(block);
  const std::uint8_t* q = block + 2;
  for (int i = 0; i < kHalf; ++i) {
    out[i] = d * static_cast<float>((q[i] & 15) - 8);
    out[i + kHalf] = d * static_cast<float>((q[i] >> 4) - 8);
  }
}

/// [d: f16][m: f16][q: 16 bytes]        w = d·q + m
void dequantise_q4_1(const std::uint8_t* block, float* out) noexcept {
  const float d = half(block), m = half(block + 2);
  const std::uint8_t* q = block + 4;
  for (int i = 0; i < kHalf; ++i) {
    out[i] = d * static_cast<float>(q[i] & 15) + m;
    out[i + kHalf] = d * static_cast<float>(q[i] >> 4) + m;
  }
}

/// [d: f16][high: u32][q: 16 bytes]        w = d·(q − 16)
void dequantise_q5_0(const std::uint8_t* block, float* out) noexcept {
  const float d = half(block);
  const std::uint32_t high = word(block + 2);
  for (int i = 0; i < 2 * kHalf; ++i) {
    out[i] = d * static_cast<float>(five_bits(block + 6, high, i) - 16);
  }
}

/// [d: f16][m: f16][high: u32][q: 16 bytes]        w = d·q + m
void dequantise_q5_1(const std::uint8_t* block, float* out) noexcept {
  const float d = half(block), m = half(block + 2);
  const std::uint32_t high = word(block + 4);
  for (int i = 0; i < 2 * kHalf; ++i) {
    out[i] = d * static_cast<float>(five_bits(block + 8, high, i)) + m;
  }
}

/// [d: f16][q: 32 × i8]        w = d·q
void dequantise_q8_0(const std::uint8_t* block, float* out) noexcept {
  const float d = half(block);
  for (int i = 0; i < 2 * kHalf; ++i) {
    out[i] = d * static_cast<float>(static_cast<std::int8_t>(block[2 + i]));
  }
}

}  // namespace typecase
