#pragma once

#include "tensor/tensor.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace typecase {

/// What the header of a safetensors file says of one tensor, all of it checked.
struct SafetensorsEntry {
  std::string name;
  DType dtype;
  Shape shape;
  std::uint64_t begin, end;  ///< its bytes: [begin, end) of the file
  std::uint64_t at;          ///< where its name stands in the file
};

/// Reads the header of a safetensors file and checks it against the file's size:
///
///     [N: u64][N bytes of JSON, starts with '{', may end in spaces][data to the end of the file]
///     {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …, "__metadata__": {…}}
///
/// The tensors cover the data exactly: no hole, no overlap, nothing left over; each has the size
/// its dtype and shape ask for. In the header's order. Linear but for one sort of the offsets.
/// Throws Error: bad_file, limit, unsupported (a dtype we know but cannot read), with the offset
/// and the tensor.
std::vector<SafetensorsEntry> parse_safetensors(std::span<const std::byte> file);

}  // namespace typecase
