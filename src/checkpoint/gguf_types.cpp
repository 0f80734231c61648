#include "checkpoint/gguf_types.h"

namespace typecase {
namespace {

struct TypeRow {
  std::string_view name;
  std::uint32_t size;
};
// In the order of GgufType.
constexpr TypeRow kTypes[kGgufTypes] = {
    {"uint8", 1},  {"int8", 1},    {"uint16", 2},  {"int16", 2},  {"uint32", 4},
    {"int32", 4},  {"float32", 4}, {"bool", 1},    {"string", 0}, {"array", 0},
    {"uint64", 8}, {"int64", 8},   {"float64", 8},
};

constexpr std::optional<DType> kNotRead = std::nullopt;
constexpr GgmlFormat kFormats[] = {
    {0, "F32", DType::float32},    {1, "F16", DType::float16},    {2, "Q4_0", DType::q4_0},
    {3, "Q4_1", DType::q4_1},      {6, "Q5_0", DType::q5_0},      {7, "Q5_1", DType::q5_1},
    {8, "Q8_0", DType::q8_0},      {9, "Q8_1", kNotRead},         {10, "Q2_K", DType::q2_k},
    {11, "Q3_K", DType::q3_k},     {12, "Q4_K", DType::q4_k},     {13, "Q5_K", DType::q5_k},
    {14, "Q6_K", DType::q6_k},     {15, "Q8_K", kNotRead},        {16, "IQ2_XXS", kNotRead},
    {17, "IQ2_XS", kNotRead},      {18, "IQ3_XXS", kNotRead},     {19, "IQ1_S", kNotRead},
    {20, "IQ4_NL", DType::iq4_nl}, {21, "IQ3_S", kNotRead},       {22, "IQ2_S", kNotRead},
    {23, "IQ4_XS", DType::iq4_xs}, {24, "I8", DType::int8},       {25, "I16", DType::int16},
    {26, "I32", DType::int32},     {27, "I64", DType::int64},     {28, "F64", DType::float64},
    {29, "IQ1_M", kNotRead},       {30, "BF16", DType::bfloat16}, {34, "TQ1_0", kNotRead},
    {35, "TQ2_0", kNotRead},       {39, "MXFP4", kNotRead},       {40, "NVFP4", kNotRead},
    {41, "Q1_0", kNotRead},
};

}  // namespace

std::string_view name(GgufType type) noexcept {
  return kTypes[static_cast<std::uint32_t>(type)].name;
}

std::uint32_t scalar_size(GgufType type) noexcept {
  return kTypes[static_cast<std::uint32_t>(type)].size;
}

bool is_integer(GgufType type) noexcept {
  return type <= GgufType::int32 || type == GgufType::uint64 || type == GgufType::int64;
}

const GgmlFormat* ggml_format(std::uint32_t number) noexcept {
  for (const GgmlFormat& f : kFormats) {
    if (f.number == number) return &f;
  }
  return nullptr;
}

}  // namespace typecase
