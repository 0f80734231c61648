#include <typecase/generator.h>

#include <gmock/gmock.h>

#include <cmath>

namespace typecase {
namespace {

using ::testing::ElementsAre;

TEST(Generator, StartsAsTheReferenceWithSeedZero) {
  Generator g(0);
  EXPECT_EQ(g.next32(), 2357136044u);
  EXPECT_EQ(g.next32(), 2546248239u);
  EXPECT_EQ(g.next32(), 3071714933u);
  EXPECT_EQ(g.next32(), 3626093760u);
}

TEST(Generator, ExponentialNumbersHaveTheReferencesBits) {
  Generator g(0);
  EXPECT_EQ(g.exponential(), 0x1.c110d6p+1f);
  for (float expected : {1.2303847f, 0.61504412f, 2.5351186f, 1.0357054f, 1.5661288f}) {
    EXPECT_EQ(g.exponential(), expected);
  }
}

TEST(Generator, OnlyTheLow32BitsOfASeedCount) {
  Generator a(-1), b(0xFFFFFFFF), c((std::int64_t{5} << 32) | 0xFFFFFFFF);
  const auto first = a.next32();
  EXPECT_EQ(first, b.next32());
  EXPECT_EQ(first, c.next32());
}

TEST(Generator, PermutesAsTheReference) {
  Generator g(std::int64_t{15485863} * 7);
  EXPECT_THAT(g.randperm(10), ElementsAre(9, 0, 2, 7, 6, 8, 4, 1, 3, 5));
}

TEST(Generator, ACopyContinuesFromTheSameState) {
  Generator a(3);
  for (int i = 0; i < 1000; ++i) a.next32();
  Generator b = a;
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(a.next32(), b.next32());
}

TEST(Generator, WordsInBlocksAreTheWordsOneByOne) {
  Generator a(9), b(9);
  for (int i = 0; i < 5000; i += 3) {
    ASSERT_EQ(a.ready().front(), b.next32());
    a.take(1);
    ASSERT_EQ(a.next32(), b.next32());
    ASSERT_EQ(a.next32(), b.next32());
  }
}

}  // namespace
}  // namespace typecase
