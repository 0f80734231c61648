/// Q2_K … Q6_K: 256 weights in 8 parts of 32 or 16 parts of 16, each part with a quantised scale
/// (and minimum), the block with a float16 d (and dmin) for those.
#include "tensor/blocks.h"

namespace typecase {
namespace {

/// Part j's 6-bit scale and minimum, from 12 bytes s:
///     j < 4:   scale = s[j] low 6 bits,             minimum = s[j+4] low 6 bits
///     j ≥ 4:   scale = s[j+4] low 4 | s[j−4] top 2, minimum = s[j+4] high 4 | s[j] top 2
struct ScaleMin {
  float scale, minimum;
};
ScaleMin scale_min(const std::uint8_t* s, int j) noexcept {
  const int scale = j < 4 ? s[j] & 63 : (s[j + 4] & 15) | (s[j - 4] >> 6) << 4;
  const int minimum = j < 4 ? s[j + 4] & 63 : s[j + 4] >> 4 | (s[j] >> 6) << 4;
  return {static_cast<float>(scale), static_cast<float>(minimum)};
}

/// Q3_K's 6-bit scale of part j, from 12 bytes s: four low bits in s[0…7], two high in s[8…11].
int q3_scale(const std::uint8_t* s, int j) noexcept {
  const int low = j < 8 ? s[j] & 15 : s[j - 8] >> 4;
  const int high = (s[8 + j % 4] >> (2 * (j / 4))) & 3;
  return (low | high << 4) - 32;
}

}  // namespace

/// [scales: 16 × (4-bit scale, 4-bit minimum)][q: 64 bytes][d: f16][dmin: f16]
///     w = (d·scale)·q − dmin·minimum,    q of 2 bits: 4 weights, 32 apart, in each byte
void dequantise_q2_k(const std::uint8_t* block, float* out) noexcept {
  const std::uint8_t* q = block + 16;
  const float d = half(block + 80), dmin = half(block + 82);
  for (int i = 0; i < 256; ++i) {
    const int part = i / 16;
    const float scale = d * static_cast<float>(block[part] & 15);
    const float minimum = dmin * static_cast<float>(block[part] >> 4);
    const int shift = 2 * (i / 32 % 4);
    out[i] = scale * static_cast<float>((q[i / 128 * 32 + i % 32] >> shift) & 3) - minimum;
  }
}

/// [high: 32 bytes][q: 64 bytes][scales: 12 bytes][d: f16]
///     w = (d·scale)·(q − 4·¬high),    high bit of weight i: bit i/32 of high[i mod 32]
void dequantise_q3_k(const std::uint8_t* block, float* out) noexcept {
  const std::uint8_t* high = block;
  const std::uint8_t* q = block + 32;
  const std::uint8_t* scales = block + 96;
  const float d = half(block + 108);
  for (int i = 0; i < 256; ++i) {
    const float scale = d * static_cast<float>(q3_scale(scales, i / 16));
    const int low = (q[i / 128 * 32 + i % 32] >> (2 * (i / 32 % 4))) & 3;
    const int is_high = (high[i % 32] >> (i / 32)) & 1;
    out[i] = scale * static_cast<float>(low - (is_high ? 0 : 4));
  }
}

/// [d: f16][dmin: f16][scales: 12 bytes][q: 128 bytes]
///     w = (d·scale)·q − dmin·minimum,    each 32 bytes of q: low halves a part, high halves the
///     next
void dequantise_q4_k(const std::uint8_t* block, float* out) noexcept {
  const float d = half(block), dmin = half(block + 2);
  const std::uint8_t* q = block + 16;
  for (int part = 0; part < 8; ++part) {
    const ScaleMin s = scale_min(block + 4, part);
    const float scale = d * s.scale, minimum = dmin * s.minimum;
    for (int i = 0; i < 32; ++i) {
      const int bits = (q[part / 2 * 32 + i] >> (4 * (part % 2))) & 15;
      out[32 * part + i] = scale * static_cast<float>(bits) - minimum;
    }
  }
}

/// [d: f16][dmin: f16][scales: 12 bytes][high: 32 bytes][q: 128 bytes]
///     w = (d·scale)·q − dmin·minimum,    the fifth bit of part j's weight i: bit j of high[i]
void dequantise_q5_k(const std::uint8_t* block, float* out) noexcept {
  const float d = half(block), dmin = half(block + 2);
  const std::uint8_t* high = block + 16;
  const std::uint8_t* q = block + 48;
  for (int part = 0; part < 8; ++part) {
    const ScaleMin s = scale_min(block + 4, part);
    const float scale = d * s.scale, minimum = dmin * s.minimum;
    for (int i = 0; i < 32; ++i) {
      const int low = (q[part / 2 * 32 + i] >> (4 * (part % 2))) & 15;
      const int bits = low | ((high[i] >> part) & 1) << 4;
      out[32 * part + i] = scale * static_cast<float>(bits) - minimum;
    }
  }
}

/// [q: 128 bytes][high: 64 bytes][scales: 16 × i8][d: f16]
///     w = (d·scale)·(q − 32).    In each half of 128 weights: 64 bytes of q (low, then high
///     halves) and 32 of high (two bits each, 32 weights apart)
void dequantise_q6_k(const std::uint8_t* block, float* out) noexcept {
  const std::uint8_t* q = block;
  const std::uint8_t* high = block + 128;
  const std::uint8_t* scales = block + 192;
  const float d = half(block + 208);
  for (int i = 0; i < 256; ++i) {
    const int side = i / 128, in_side = i % 128;
    const int low = (q[side * 64 + in_side % 64] >> (4 * (in_side / 64))) & 15;
    const int top = (high[side * 32 + i % 32] >> (2 * (in_side / 32))) & 3;
    const float scale = d * static_cast<float>(static_cast<std::int8_t>(scales[i / 16]));
    out[i] = scale * static_cast<float>((low | top << 4) - 32);
  }
}

}  // namespace typecase
