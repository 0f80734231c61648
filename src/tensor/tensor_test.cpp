#include "tensor/tensor.h"

#include <gtest/gtest.h>

namespace typecase {
namespace {

TEST(DType, NamesComeBack) {
  for (int i = 0; i <= static_cast<int>(DType::iq4_xs); ++i) {
    const auto dtype = static_cast<DType>(i);
    EXPECT_EQ(dtype_named(name(dtype)), dtype) << i;
  }
}

TEST(DType, EverySpellingOfConfigsAndSafetensors) {
  EXPECT_EQ(dtype_named("torch.bfloat16"), DType::bfloat16);
  EXPECT_EQ(dtype_named("BF16"), DType::bfloat16);
  EXPECT_EQ(dtype_named("half"), DType::float16);
  EXPECT_EQ(dtype_named("float"), DType::float32);
  EXPECT_EQ(dtype_named("F8_E4M3"), DType::float8_e4m3);
  EXPECT_EQ(dtype_named("auto"), std::nullopt);
  EXPECT_EQ(dtype_named("torch."), std::nullopt);
}

TEST(DType, QuantisedBlocks) {
  EXPECT_TRUE(is_quantised(DType::q4_1));
  EXPECT_FALSE(is_quantised(DType::float32));
  EXPECT_EQ(traits(DType::q6_k).block_size, 256u);
  EXPECT_EQ(traits(DType::q6_k).block_bytes, 210u);
}

TEST(Storage, MakesATensorOfItsBytes) {
  const Storage s("w", {2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
  const Tensor t = s.tensor();
  EXPECT_EQ(t.name, "w");
  EXPECT_EQ(t.elements(), 6);
  EXPECT_EQ(t.bytes.size(), 24u);
  EXPECT_EQ(to_string(t.shape), "[2, 3]");
  EXPECT_EQ(to_string(Shape{}), "[]");
}

}  // namespace
}  // namespace typecase
