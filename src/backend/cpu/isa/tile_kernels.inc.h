// Included inside the namespace of a level with tiles, after its Native types and Tiles, one of the
// types of tiles.h: its products, and its table.

#include "backend/cpu/isa/products.inc.h"
//
#include "backend/cpu/isa/recode.h"
//
#include "backend/cpu/isa/quads.h"
//
#include "backend/cpu/isa/tile_operands.h"
//
#include "backend/cpu/isa/multiply_tiles.h"
//
#include "backend/cpu/isa/quads_in_tiles.h"

/// False where the level has no product in tiles.
inline bool multiply_by_tiles(const MultiplyTask& m) noexcept {
  const Format format = m.matrix->format;
  if (in_quads(format)) {
    if (m.rows < kRowsForTiles) {
      multiply_quads(m);
    } else {
      with_quads(m, [&]<class W, class X>(const float* x, std::size_t x_stride) {
        quads_in_tiles<W, X>(m, x, x_stride);
      });
    }
  } else if (m.dtype == DType::bfloat16 && (in_bfloat16_pairs(format) || m.matrix->rounded)) {
    multiply_in_tiles<Whole>(m);
  } else if (m.dtype != DType::float32) {
    return false;
  } else if (format == Format::bfloat16) {
    multiply_in_tiles<SplitOne>(m);
  } else if (format == Format::float16) {
    multiply_in_tiles<SplitTwo>(m);
  } else {
    multiply_in_tiles<SplitThree>(m);
  }
  return true;
}

/// `all`, with products in tiles.
inline Kernels with_tiles(Kernels all) noexcept {
  all.pack = pack_for_tiles;
  all.pack_splits = pack_splits;
  all.pack_quads = pack_quads;
  all.pack_eight_bits = pack_eight_bits;
  all.recode = recode;
  return all;
}
