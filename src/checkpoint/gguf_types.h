#pragma once

#include "checkpoint/gguf.h"
#include "tensor/dtype.h"

#include <typecase/error.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace typecase {

inline constexpr std::uint32_t kGgufTypes = 13;

/// Bytes of a scalar; 0 for strings and arrays.
std::uint32_t scalar_size(GgufType type) noexcept;
bool is_integer(GgufType type) noexcept;

/// How ggml numbers its tensor formats. `dtype` is empty for a format nothing here reads.
struct GgmlFormat {
  std::uint32_t number;
  std::string_view name;
  std::optional<DType> dtype;
};
/// nullptr: no such number.
const GgmlFormat* ggml_format(std::uint32_t number) noexcept;

}  // namespace typecase
