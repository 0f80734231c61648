/// IQ4_NL and IQ4_XS: four bits choose one of sixteen uneven levels.
#include "tensor/blocks.h"

namespace typecase {
namespace {

constexpr float kLevels[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                               1,    13,   25,  38,  53,  69,  89,  113};

/// 16 bytes → 32 levels: low halves first.
void scaled_levels(const std::uint8_t* q, float scale, float* out) noexcept {
  for (int i = 0; i < 16; ++i) {
    out[i] = scale * kLevels[q[i] & 15];
    out[i + 16] = scale * kLevels[q[i] >> 4];
  }
}

}  // namespace

/// [d: f16][q: 16 bytes]        w = d·level[q]
void dequantise_iq4_nl(const std::uint8_t* block, float* out) noexcept {
  scaled_levels(block + 2, half(block), out);
}

/// [d: f16][high: u16][low: 4 bytes][q: 128 bytes]        w = (d·(scale − 32))·level[q]
/// Scale of part j, 6 bits: a half of low[j/2], then bits 2j and 2j+1 of high.
void dequantise_iq4_xs(const std::uint8_t* block, float* out) noexcept {
  const float d = half(block);
  const int high = block[2] | block[3] << 8;
  const std::uint8_t* low = block + 4;
  for (int part = 0; part < 8; ++part) {
    const int four = (low[part / 2] >> (4 * (part % 2))) & 15;
    const int scale = (four | ((high >> (2 * part)) & 3) << 4) - 32;
    scaled_levels(block + 8 + 16 * part, d * static_cast<float>(scale), out + 32 * part);
  }
}

}  // namespace typecase
