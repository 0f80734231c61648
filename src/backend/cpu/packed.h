#pragma once

#include "backend/cpu/kernels.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace typecase::cpu {

inline constexpr int kQuantisedBlock = 32;  ///< inputs that share scales in Q8_0, Q4_0 and Q4_1

/// Sums that are shorter stay in float32: nothing would be gained.
inline constexpr int kShortestQuads = 256;

/// How the weights of a panel lie. k counts inputs, lane the sixteen outputs of the panel.
enum class Format : std::uint8_t {
  float32,           ///< [k][lane]
  float16,           ///< [k][lane]
  bfloat16,          ///< [k / 2][lane][k % 2]: two inputs in one 32-bit lane
  bfloat16_recoded,  ///< twelve bits a weight: recoded.h
  q8_0,              ///< per 32 inputs: [lane] float16 scale, [k][lane] int8
  q4_0,              ///< per 32 inputs: [lane] float16 scale, [k / 2][lane] two nibbles, even k low
  q4_1,              ///< per 32 inputs: [lane] scale, [lane] minimum, nibbles as q4_0
  // The same for integer dot products (quads.h): bytes without sign, four inputs of a lane
  // together.
  q8_0_quads,  ///< per 32 inputs: [lane] scale, [k / 4][lane][k % 4] q + 128
  q4_0_quads,  ///< per 32 inputs: [lane] scale, [i][lane][k % 4] two nibbles q + 8: k / 4 = i, i +
               ///< 4
  q4_1_quads,  ///< per 32 inputs: [lane] scale, [lane] minimum, nibbles q as q4_0_quads
  blocks,      ///< the file's own blocks, row after row: dequantised into scratch
};

inline bool in_quads(Format format) noexcept {
  return format >= Format::q8_0_quads && format <= Format::q4_1_quads;
}

/// Kept in pairs of bfloat16: every level that has Kernels::pack multiplies rows packed by it.
inline bool in_bfloat16_pairs(Format format) noexcept {
  return format == Format::bfloat16 || format == Format::bfloat16_recoded;
}

/// A matrix in panels of sixteen outputs; outputs and inputs that pad a panel are zeros.
struct PackedMatrix {
  Format format = Format::float32;
  DType stored = DType::float32;  ///< the file's type: how to read `blocks`
  bool rounded = false;           ///< quantised, but its values are rounded to bfloat16
  int out = 0, in = 0;
  std::size_t panel_bytes = 0;
  std::byte* data = nullptr;       ///< in the executor's arena; null: not packed yet
  const Matrix* source = nullptr;  ///< what it is packed from, until it is

  int panels() const noexcept { return (out + kPanel - 1) / kPanel; }
  std::size_t bytes() const noexcept { return panel_bytes * static_cast<std::size_t>(panels()); }
  const std::byte* panel(int p) const noexcept {
    return data + panel_bytes * static_cast<std::size_t>(p);
  }
  std::byte* place(int p) const noexcept {
    return data + panel_bytes * static_cast<std::size_t>(p);
  }
  /// Row `o` as floats, `in` of them.
  void row(int o, float* to) const noexcept;
  /// Format::blocks: inputs k … k + n − 1 of a panel as [n][lane] floats.   REQUIRES: k and n are
  /// multiples of the block size, n ≤ 2 kInputBlock.
  void expand_blocks(int panel, int k, int n, float* to) const noexcept;
};

/// The bytes of the file that panels first … last − 1 are packed from, where they lie together;
/// else nothing.
std::span<const std::byte> bytes_of(const Matrix& matrix, const PackedMatrix& to, int first,
                                    int last);

/// Kernels::recode.
using Recode = bool (*)(const std::byte* pairs, std::byte* run) noexcept;

/// What a level's kernels take beside the plain layouts.
struct Layouts {
  Recode recode = nullptr;  ///< null: bfloat16 stays as it is
  bool quads = false;       ///< float32 plans multiply blocks by Kernels::pack_quads
  bool eight_bits = false;  ///< all plans do, by Kernels::pack_eight_bits
};

/// The format in which a plan of `dtype` keeps a matrix. Throws Error(unsupported) naming the
/// tensor for pairs that cannot be run. Fills all but `data`.
PackedMatrix plan_packing(const Matrix& matrix, DType dtype, Layouts layouts = {});

/// `plain` (of Format::bfloat16) in twelve bits a weight, where shape and file allow it, else as it
/// is.
PackedMatrix plan_recoding(const Matrix& matrix, const PackedMatrix& plain);

/// Writes panels first … last − 1 of `matrix` to their places, which hold zeros. False when the
/// format is bfloat16_recoded and a weight does not fit it.   REQUIRES: `recode` for that format.
bool pack_panels(const Matrix& matrix, const PackedMatrix& to, int first, int last,
                 Recode recode = nullptr);

/// Panels first … last − 1 of a matrix that is not packed yet, as a matrix of their own at `to`.
/// REQUIRES: not Format::bfloat16_recoded.
PackedMatrix unpacked_panels(const PackedMatrix& matrix, int first, int last,
                             std::byte* to) noexcept;

/// A vector as floats rounded to `dtype`, padded with zeros to whole panels. Empty stays empty.
std::vector<float> load_vector(const Vector& vector, DType dtype);

}  // namespace typecase::cpu
