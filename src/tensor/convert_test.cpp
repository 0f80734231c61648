#include "tensor/convert.h"

#include <typecase/error.h>
#include <typecase/json.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <fstream>
#include <limits>
#include <string>

namespace typecase {
namespace {

using ::testing::ElementsAre;

constexpr float kInf = std::numeric_limits<float>::infinity();

std::vector<std::byte> unhex(std::string_view text) {
  std::vector<std::byte> out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(static_cast<std::byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

template <class T>
std::vector<std::byte> bytes_of(std::initializer_list<T> values) {
  const auto bytes = std::as_bytes(std::span(values.begin(), values.size()));
  return {bytes.begin(), bytes.end()};
}

TEST(Bfloat16, RoundsToNearestTiesToEven) {
  EXPECT_EQ(float_to_bfloat16(1.0f), 0x3f80);
  EXPECT_EQ(float_to_bfloat16(std::bit_cast<float>(0x3f808000u)), 0x3f80);  // tie: even stays
  EXPECT_EQ(float_to_bfloat16(std::bit_cast<float>(0x3f818000u)), 0x3f82);  // tie: odd goes up
  EXPECT_EQ(float_to_bfloat16(std::bit_cast<float>(0x3f808001u)), 0x3f81);
  EXPECT_EQ(float_to_bfloat16(std::numeric_limits<float>::max()), 0x7f80);  // infinity
  EXPECT_EQ(float_to_bfloat16(-kInf), 0xff80);
  EXPECT_EQ(float_to_bfloat16(std::bit_cast<float>(0x7f800001u)), 0x7fc0);  // NaN, not infinity
}

TEST(Bfloat16, EveryValueComesBack) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto b = static_cast<std::uint16_t>(bits);
    const float value = bfloat16_to_float(b);
    EXPECT_EQ(float_to_bfloat16(value), std::isnan(value) ? 0x7fc0 : b);
  }
}

TEST(Float16, EveryValueComesBack) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto b = static_cast<std::uint16_t>(bits);
    const float value = float16_to_float(b);
    EXPECT_EQ(float_to_float16(value), std::isnan(value) ? (b & 0x8000) | 0x7e00 : b) << bits;
  }
}

// Halfway between each two neighbours, and a hair to both sides: denormals, the step to normal
// numbers and the step to infinity included.
TEST(Float16, RoundsToNearestTiesToEven) {
  for (std::uint16_t low = 0; low < 0x7c00; ++low) {
    const auto high = static_cast<std::uint16_t>(low + 1);
    const float above = high == 0x7c00 ? 65536.0f : float16_to_float(high);
    const float middle = (float16_to_float(low) + above) / 2;  // exact
    EXPECT_EQ(float_to_float16(middle), low % 2 == 0 ? low : high);
    EXPECT_EQ(float_to_float16(std::nextafter(middle, 0.0f)), low);
    EXPECT_EQ(float_to_float16(std::nextafter(middle, kInf)), high);
    EXPECT_EQ(float_to_float16(-middle), 0x8000 | (low % 2 == 0 ? low : high));
  }
}

TEST(RoundTo, RoundsOnceAndLeavesFloat32Alone) {
  EXPECT_EQ(round_to(DType::bfloat16, 1.00390625f), 1.0f);
  EXPECT_EQ(round_to(DType::float16, 65519.0f), 65504.0f);
  EXPECT_EQ(round_to(DType::float32, 1.00390625f), 1.00390625f);
}

TEST(ToFloat32, PlainTypes) {
  const auto floats = [](DType dtype, std::vector<std::byte> bytes) {
    const auto n = static_cast<std::int64_t>(bytes.size() / traits(dtype).block_bytes);
    return to_float32(Storage("t", dtype, {n}, std::move(bytes)).tensor());
  };
  EXPECT_THAT(floats(DType::float32, bytes_of<float>({1.5f, -2.0f})), ElementsAre(1.5f, -2.0f));
  EXPECT_THAT(floats(DType::float64, bytes_of<double>({0.1, 1e300})), ElementsAre(0.1f, kInf));
  EXPECT_THAT(floats(DType::float16, bytes_of<std::uint16_t>({0x3c00, 0x0001})),
              ElementsAre(1.0f, 0x1p-24f));
  EXPECT_THAT(floats(DType::bfloat16, bytes_of<std::uint16_t>({0xc000})), ElementsAre(-2.0f));
  EXPECT_THAT(floats(DType::int8, bytes_of<std::int8_t>({-128, 127})), ElementsAre(-128, 127));
  EXPECT_THAT(floats(DType::uint8, bytes_of<std::uint8_t>({255})), ElementsAre(255));
  EXPECT_THAT(floats(DType::int16, bytes_of<std::int16_t>({-300})), ElementsAre(-300));
  EXPECT_THAT(floats(DType::uint16, bytes_of<std::uint16_t>({65535})), ElementsAre(65535));
  EXPECT_THAT(floats(DType::int32, bytes_of<std::int32_t>({-16777217})), ElementsAre(-16777216));
  EXPECT_THAT(floats(DType::uint32, bytes_of<std::uint32_t>({1u << 31})), ElementsAre(0x1p31f));
  EXPECT_THAT(floats(DType::int64, bytes_of<std::int64_t>({-1})), ElementsAre(-1));
  EXPECT_THAT(floats(DType::uint64, bytes_of<std::uint64_t>({1ull << 63})), ElementsAre(0x1p63f));
  EXPECT_THAT(floats(DType::boolean, bytes_of<std::uint8_t>({0, 1})), ElementsAre(0, 1));
}

TEST(ToFloat32, Float8IsRefusedByName) {
  const Storage s("t", DType::float8_e4m3, {1}, std::vector<std::byte>(1));
  EXPECT_THROW(to_float32(s.tensor()), Error);
}

// The oracle is the Python package gguf: see tests/golden/tensor/record_quantised.py.
TEST(ToFloat32, QuantisedBlocksAreBitEqualToRecordedValues) {
  std::ifstream in(TYPECASE_SOURCE_DIR "/tests/golden/tensor/quantised.jsonl");
  int formats = 0;
  for (std::string line; std::getline(in, line); ++formats) {
    const Json record = Json::parse(line);
    const std::string& format = record.at("format").as_string();
    const auto dtype = dtype_named(format);
    ASSERT_TRUE(dtype) << format;
    const auto blocks = unhex(record.at("blocks").as_string());
    const auto expected = unhex(record.at("expected").as_string());
    const auto& d = traits(*dtype);
    ASSERT_EQ(blocks.size() / d.block_bytes * d.block_size * sizeof(float), expected.size());

    const auto n = static_cast<std::int64_t>(expected.size() / sizeof(float));
    const auto values = to_float32(Storage("t", *dtype, {n}, blocks).tensor());
    const auto found = std::as_bytes(std::span(values));
    EXPECT_TRUE(std::equal(found.begin(), found.end(), expected.begin())) << format;
  }
  EXPECT_EQ(formats, 12);
}

TEST(ToFloat32, PartOfAnArrayStartsAtABlock) {
  std::vector<std::byte> bytes(2 * 34);
  bytes[35] = std::byte{0x3c};  // the second block's scale: 1.0
  for (std::size_t i = 0; i < 32; ++i) bytes[36 + i] = static_cast<std::byte>(i);
  std::vector<float> out(32);
  to_float32(DType::q8_0, bytes, 32, out);
  EXPECT_EQ(out[31], 31.0f);
  EXPECT_THROW(to_float32(DType::q8_0, bytes, 16, out), Error);
  EXPECT_THROW(to_float32(DType::q8_0, bytes, 64, out), Error);
}

TEST(ToFloat32, PutsATransposedViewRight) {
  const Storage s("t", {3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6});
  Tensor t = s.tensor();  // stored: [3, 2]
  t.shape = {2, 3};
  t.transposed = true;
  EXPECT_THAT(to_float32(t), ElementsAre(1, 3, 5, 2, 4, 6));
}

TEST(ToFloat32, TakesRowsInTheirOrder) {
  const Storage s("t", {3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6});
  Tensor t = s.tensor();
  t.rows = {2, 0, 1};
  EXPECT_THAT(to_float32(t), ElementsAre(5, 6, 1, 2, 3, 4));
}

TEST(ToFloat32, EmptyTensors) {
  const Storage s("t", {0, 5}, std::vector<float>{});
  EXPECT_FALSE(s.tensor().empty());
  EXPECT_TRUE(to_float32(s.tensor()).empty());
}

}  // namespace
}  // namespace typecase
