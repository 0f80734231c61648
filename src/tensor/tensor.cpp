#include "tensor/tensor.h"

#include "base/checked.h"

#include <cstring>
#include <utility>

namespace typecase {

std::string to_string(const Shape& shape) {
  std::string out = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) out += ", ";
    out += std::to_string(shape[i]);
  }
  return out + "]";
}

Storage::Storage(std::string name, Shape shape, std::span<const float> values)
    : Storage(std::move(name), DType::float32, std::move(shape), [&] {
        const auto bytes = std::as_bytes(values);
        return std::vector<std::byte>(bytes.begin(), bytes.end());
      }()) {}

Storage::Storage(std::string name, DType dtype, Shape shape, std::vector<std::byte> bytes)
    : name_(std::move(name)), dtype_(dtype), shape_(std::move(shape)), bytes_(std::move(bytes)) {
  const Tensor t = tensor();
  const DTypeTraits& d = traits(dtype_);
  TYPECASE_CHECK(static_cast<std::uint64_t>(t.elements()) / d.block_size * d.block_bytes ==
                 bytes_.size());
}

Tensor Storage::tensor() const {
  // A tensor of no elements still has an address: a null one means "no tensor".
  static constexpr std::byte kNothing{};
  const std::byte* data = bytes_.empty() ? &kNothing : bytes_.data();
  return {.name = name_, .dtype = dtype_, .shape = shape_, .bytes = {data, bytes_.size()}};
}

}  // namespace typecase
