#pragma once

#include "backend/cpu/kernels.h"
#include "backend/cpu/packed.h"
#include "backend/cpu/quads.h"

/// The forms in which products take the rows they multiply. Each is made of 32 numbers at a time,
/// so that a part of a row can be brought there alone.
namespace typecase::cpu {

enum class RowForm : std::uint8_t {
  plain,       ///< as they are
  pairs,       ///< bfloat16 numbers, two in a lane: Kernels::pack
  splits,      ///< float32 numbers as three of bfloat16 each: Kernels::pack_splits
  quads,       ///< quads.h: Kernels::pack_quads
  eight_bits,  ///< quads.h, coarse: Kernels::pack_eight_bits
};

/// The form that a product with results of `dtype` wants.
inline RowForm row_form(const Kernels& kernels, const PackedMatrix& matrix, DType dtype,
                        bool eight_bits) noexcept {
  if (in_quads(matrix.format)) return eight_bits ? RowForm::eight_bits : RowForm::quads;
  const bool bfloat16 = in_bfloat16_pairs(matrix.format) || matrix.rounded;
  if (kernels.pack != nullptr && dtype == DType::bfloat16 && bfloat16) return RowForm::pairs;
  const bool splits = kernels.pack_splits != nullptr && dtype == DType::float32;
  return splits ? RowForm::splits : RowForm::plain;
}

using PackRow = void (*)(const float* x, int in, float* to) noexcept;

inline PackRow row_packer(const Kernels& kernels, RowForm form) noexcept {
  switch (form) {
    case RowForm::pairs:
      return kernels.pack;
    case RowForm::splits:
      return kernels.pack_splits;
    case RowForm::quads:
      return kernels.pack_quads;
    case RowForm::eight_bits:
      return kernels.pack_eight_bits;
    case RowForm::plain:
      break;
  }
  return nullptr;
}

/// Floats that 32 numbers become.
inline constexpr std::size_t floats_per_32(RowForm form) noexcept {
  switch (form) {
    case RowForm::pairs:
      return 16;
    case RowForm::splits:
      return 48;
    case RowForm::quads:
      return sizeof(QuadBlock) / sizeof(float);
    case RowForm::eight_bits:
      return sizeof(EightBitBlock) / sizeof(float);
    case RowForm::plain:
      break;
  }
  return 32;
}

/// Floats from a row to the next. A little over whole lines, so that rows of a tile do not all fall
/// into one set of the cache.
inline constexpr std::size_t row_stride(RowForm form, int in) noexcept {
  return (static_cast<std::size_t>(in) + 31) / 32 * floats_per_32(form) + 16;
}

}  // namespace typecase::cpu
