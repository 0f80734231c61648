#pragma once

#include "tensor/dtype.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace typecase {

class MappedFile;

/// Extents, outermost first. Every one is ≥ 0; the product fits 64 bits (the loaders checked).
using Shape = std::vector<std::int64_t>;

/// A named view of numbers somewhere else: in a mapped file, or in a Storage.
///
/// Owns nothing: whoever made it says how long the bytes live. bytes.size() is exactly what shape
/// and dtype ask for; only the loaders' validators and Storage make one. The bytes need not be
/// aligned.
struct Tensor {
  std::string name;  ///< the checkpoint's own, for errors
  DType dtype = DType::float32;
  Shape shape;  ///< as Hugging Face's checkpoint of this model has it
  std::span<const std::byte> bytes;
  /// The bytes lie as the transpose of `shape` (2-D only): GGUF keeps GPT-2's Conv1D weights as
  /// [out, in] where the Hugging Face file has [in, out].
  bool transposed = false;
  /// Row i of the tensor (along shape[0]) is stored as row rows[i]; empty: in order. GGUF keeps
  /// Llama's q and k rows permuted. Never together with `transposed`.
  std::vector<std::int32_t> rows{};
  const MappedFile* file = nullptr;  ///< where `bytes` are mapped from, if they are

  bool empty() const noexcept { return bytes.data() == nullptr; }
  std::int64_t elements() const noexcept {
    std::int64_t n = 1;
    for (const auto extent : shape) n *= extent;
    return n;
  }
};

/// "[576, 1536]"
std::string to_string(const Shape& shape);

/// Memory for one tensor made by us (tests, converted weights).
class Storage {
 public:
  /// Copies `values` as float32.
  Storage(std::string name, Shape shape, std::span<const float> values);
  Storage(std::string name, DType dtype, Shape shape, std::vector<std::byte> bytes);
  Tensor tensor() const;

 private:
  std::string name_;
  DType dtype_;
  Shape shape_;
  std::vector<std::byte> bytes_;
};

}  // namespace typecase
