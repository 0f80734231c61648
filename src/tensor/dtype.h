#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace typecase {

/// How numbers are stored. The quantised formats are GGUF's: blocks of `block_size` weights in
/// `block_bytes` bytes.
enum class DType : std::uint8_t {  // clang-format off
  float32, float16, bfloat16, float64,
  int8, int16, int32, int64, uint8, uint16, uint32, uint64, boolean,
  float8_e4m3, float8_e5m2,
  q4_0, q4_1, q5_0, q5_1, q8_0,
  q2_k, q3_k, q4_k, q5_k, q6_k,
  iq4_nl, iq4_xs,
};  // clang-format on

/// What is fixed about a dtype.
struct DTypeTraits {
  std::string_view
      name;  ///< as config.json spells it ("float32", "bfloat16"), GGUF's for blocks ("Q4_1")
  std::uint32_t block_size;   ///< weights in a block: 1 for plain numbers
  std::uint32_t block_bytes;  ///< bytes of a block
  bool floating;              ///< plain floating point
};

const DTypeTraits& traits(DType dtype) noexcept;
inline std::string_view name(DType dtype) noexcept { return traits(dtype).name; }
inline bool is_quantised(DType dtype) noexcept { return traits(dtype).block_size > 1; }

/// "float32", "torch.float32", "F32", "bfloat16", "half" … as configs and safetensors spell them.
std::optional<DType> dtype_named(std::string_view name) noexcept;

}  // namespace typecase
