#pragma once

#include "backend/cpu/kernels.h"
#include "backend/cpu/packed.h"

#include <cstdint>

/// Rows of float32 numbers as integer dot products want them: the exact split of a block.
///
/// The 32 inputs of a quantised block share a power of two, 2^e, and each is an integer of 24 bits
/// in three digits of eight, −128 … 127:
///     x = 2^e · (d0 + 256·d1 + 65536·d2), |x| < 2^(e + 23), the largest at least 2^(e + 22)
/// and Σ x·q is taken digit by digit in integers, without any error. So x is rounded once, by at
/// most 2^−23 of the block's largest number. Where that number leaves the others behind, a fourth
/// digit follows: d3 · 2^(e − 8).
namespace typecase::cpu {

struct QuadBlock {
  static constexpr int kDigits = 3;
  std::int8_t digit[kDigits][kQuantisedBlock];
  float scale;  ///< 2^e; NaN where a number of the block is infinite or none
  float sum;    ///< Σ x
  /// −128 · Σ of each digit: weights are stored as q + 128, or + 8.
  std::int32_t minus_128[kDigits + 1];
  std::int32_t fourth;  ///< whether there is a fourth digit: more than half of the numbers lie
                        ///< below a sixteenth of the largest
  std::int32_t unused;
  std::int8_t last_digit[kQuantisedBlock];  ///< d3
};

/// The coarse form (CpuOptions::int8_activations): one digit, of the block's largest number / 127.
struct EightBitBlock {
  static constexpr int kDigits = 1;
  std::int8_t digit[kDigits][kQuantisedBlock];
  float scale;                      ///< NaN where a number of the block is infinite or none
  float sum;                        ///< Σ scale · digit
  std::int32_t minus_128[kDigits];  ///< as above
  std::int32_t unused;
};

}  // namespace typecase::cpu
