#include "tensor/dtype.h"

#include <array>
#include <utility>

namespace typecase {
namespace {

// In the order of DType.
constexpr DTypeTraits kTraits[] = {
    {"float32", 1, 4, true},   {"float16", 1, 2, true},       {"bfloat16", 1, 2, true},
    {"float64", 1, 8, true},   {"int8", 1, 1, false},         {"int16", 1, 2, false},
    {"int32", 1, 4, false},    {"int64", 1, 8, false},        {"uint8", 1, 1, false},
    {"uint16", 1, 2, false},   {"uint32", 1, 4, false},       {"uint64", 1, 8, false},
    {"bool", 1, 1, false},     {"float8_e4m3fn", 1, 1, true}, {"float8_e5m2", 1, 1, true},
    {"Q4_0", 32, 18, false},   {"Q4_1", 32, 20, false},       {"Q5_0", 32, 22, false},
    {"Q5_1", 32, 24, false},   {"Q8_0", 32, 34, false},       {"Q2_K", 256, 84, false},
    {"Q3_K", 256, 110, false}, {"Q4_K", 256, 144, false},     {"Q5_K", 256, 176, false},
    {"Q6_K", 256, 210, false}, {"IQ4_NL", 32, 18, false},     {"IQ4_XS", 256, 136, false},
};
static_assert(std::size(kTraits) == static_cast<std::size_t>(DType::iq4_xs) + 1);

// Other spellings: torch's short names, safetensors' names.
constexpr std::pair<std::string_view, DType> kAliases[] = {
    {"float", DType::float32},
    {"half", DType::float16},
    {"double", DType::float64},
    {"short", DType::int16},
    {"int", DType::int32},
    {"long", DType::int64},
    {"F64", DType::float64},
    {"F32", DType::float32},
    {"F16", DType::float16},
    {"BF16", DType::bfloat16},
    {"I8", DType::int8},
    {"I16", DType::int16},
    {"I32", DType::int32},
    {"I64", DType::int64},
    {"U8", DType::uint8},
    {"U16", DType::uint16},
    {"U32", DType::uint32},
    {"U64", DType::uint64},
    {"BOOL", DType::boolean},
    {"F8_E4M3", DType::float8_e4m3},
    {"F8_E5M2", DType::float8_e5m2},
};

}  // namespace

const DTypeTraits& traits(DType dtype) noexcept { return kTraits[static_cast<std::size_t>(dtype)]; }

std::optional<DType> dtype_named(std::string_view name) noexcept {
  constexpr std::string_view kTorch = "torch.";
  if (name.starts_with(kTorch)) name.remove_prefix(kTorch.size());
  for (std::size_t i = 0; i < std::size(kTraits); ++i) {
    if (kTraits[i].name == name) return static_cast<DType>(i);
  }
  for (const auto& [alias, dtype] : kAliases) {
    if (alias == name) return dtype;
  }
  return std::nullopt;
}

}  // namespace typecase
