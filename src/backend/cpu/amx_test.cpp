/// Level amx where there is no AMX: its kernel over tiles in software. And where there is: the same
/// tests, and the unit itself against the software, bit for bit. (The sums of many odd shapes are
/// held to the manual's formula in multiply_test.cpp, their errors to PyTorch's in
/// matrix_errors_test.cpp.)
#include "backend/cpu/amx_in_software.h"
#include "backend/cpu/isa/tile_samples.h"
#include "backend/cpu/row_forms.h"
#include "base/target.h"
#include "tensor/convert.h"

#include <typecase/error.h>

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#if defined(__x86_64__)
TYPECASE_TARGET("fma")
namespace {
/// x·w + sum by this processor's fused multiply-add, subnormal numbers flushed as MXCSR asks.
float processors_multiply_add(float x, float w, float sum) {
  unsigned saved = 0;
  __asm__ volatile("stmxcsr %0" : "=m"(saved));
  constexpr unsigned kFlushToZero = 0x8000, kSubnormalsAreZeros = 0x0040;
  const unsigned flushing = saved | kFlushToZero | kSubnormalsAreZeros;
  __asm__ volatile("ldmxcsr %1\n\tvfmadd231ss %3, %2, %0\n\tldmxcsr %4"
                   : "+x"(sum)
                   : "m"(flushing), "x"(x), "x"(w), "m"(saved));
  return sum;
}
}  // namespace
TYPECASE_TARGET_END
#endif

namespace typecase::cpu {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

bool same(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

/// bfloat16 numbers of ordinary size, or anything that sixteen bits can say.
class Numbers {
 public:
  explicit Numbers(unsigned seed) : random_(seed) {}
  float ordinary() { return round_to(DType::bfloat16, normal_(random_)); }
  float any() { return std::bit_cast<float>(static_cast<std::uint32_t>(random_()) << 16); }
  /// Of exponents 2^low … 2^high.
  float between(int low, int high) {
    const auto exponent = static_cast<int>(random_() % static_cast<unsigned>(high - low + 1)) + low;
    const float x = 1 + static_cast<float>(random_() % 128) / 128;
    return std::ldexp(random_() % 2 == 0 ? x : -x, exponent);
  }
  std::vector<float> ordinary(std::size_t n) {
    std::vector<float> out(n);
    for (float& x : out) x = ordinary();
    return out;
  }

 private:
  std::mt19937 random_;
  std::normal_distribution<float> normal_;
};

/// A bfloat16 matrix [out][in], and products with it.
class Product {
 public:
  Product(int out, int in, const std::vector<float>& w) {
    std::vector<std::byte> bytes(w.size() * 2);
    for (std::size_t i = 0; i < w.size(); ++i) {
      const std::uint16_t half = float_to_bfloat16(w[i]);
      std::memcpy(&bytes[2 * i], &half, 2);
    }
    const Storage storage("w", DType::bfloat16, Shape{out, in}, std::move(bytes));
    const Matrix matrix{.stored = storage.tensor()};
    packed_ = plan_packing(matrix, DType::bfloat16);
    data_.resize(packed_.bytes());  // to the byte: a sanitizer sees what reads on
    packed_.data = data_.data();
    pack_panels(matrix, packed_, 0, packed_.panels());
  }

  std::size_t width() const { return static_cast<std::size_t>(packed_.panels()) * kPanel; }

  /// x: [rows][in]. Panels first … last − 1 of [rows][width()]; what is not computed holds 77, and
  /// so do the rows behind the last.
  std::vector<float> times(const Kernels& kernels, const std::vector<float>& x, int first,
                           int last) const {
    const auto in = static_cast<std::size_t>(packed_.in);
    const std::size_t rows = x.size() / in;
    std::vector<float> out((rows + kRowsInTiles) * width(), 77),
        pairs(rows * row_stride(RowForm::pairs, packed_.in), kInfinity);
    std::vector<float> scratch(kScratch);
    MultiplyTask task{.matrix = &packed_, .x = x.data(), .x_stride = in};
    task.rows = static_cast<int>(rows);
    task.out = out.data() + first * kPanel;
    task.out_stride = width();
    task.first = first;
    task.last = last;
    task.scratch = scratch.data();
    task.row_scratch = pairs.data();
    task.dtype = DType::bfloat16;
    kernels.multiply(task);
    for (std::size_t i = rows * width(); i < out.size(); ++i) EXPECT_EQ(out[i], 77);
    out.resize(rows * width());
    return out;
  }
  std::vector<float> times(const Kernels& kernels, const std::vector<float>& x) const {
    return times(kernels, x, 0, packed_.panels());
  }

 private:
  PackedMatrix packed_;
  std::vector<std::byte> data_;
};

class AmxLevel : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!can_test(GetParam())) GTEST_SKIP() << "this processor has no " << GetParam();
  }
  const Kernels& kernels() const { return tested_kernels(GetParam()); }
  /// The one product of a row and a column.
  float of(const std::vector<float>& x, const std::vector<float>& w) const {
    return Product(1, static_cast<int>(w.size()), w).times(kernels(), x)[0];
  }
};
INSTANTIATE_TEST_SUITE_P(Tiles, AmxLevel, testing::Values(std::string("amx"), kAmxInSoftware),
                         [](const auto& level) { return level.param; });

TEST_P(AmxLevel, IsNearTheExactProductForEveryRowCountUpToForty) {
  Numbers numbers(1);
  for (const int in : {1, 2, 31, 32, 33, 63, 100, 577}) {
    for (const int out : {1, 15, 16, 17, 32, 33, 50}) {
      const auto n_in = static_cast<std::size_t>(in), n_out = static_cast<std::size_t>(out);
      const std::vector<float> w = numbers.ordinary(n_in * n_out);
      const Product product(out, in, w);
      const int some = in == 577 && out == 50 ? 1 : 13;  // every count once, and a few elsewhere
      for (int rows = 1; rows <= 40; rows += some) {
        const std::vector<float> x = numbers.ordinary(n_in * static_cast<std::size_t>(rows));
        const std::vector<float> y = product.times(kernels(), x);
        for (std::size_t i = 0; i < n_out * static_cast<std::size_t>(rows); ++i) {
          const std::size_t r = i / n_out, o = i % n_out;
          double exact = 0, size = 0;
          for (std::size_t k = 0; k < n_in; ++k) {
            const double one = double{x[r * n_in + k]} * double{w[o * n_in + k]};
            exact += one;
            size += std::abs(one);
          }
          // Half a unit of bfloat16's eight bits, and float32's rounding of the sum.
          ASSERT_NEAR(y[r * product.width() + o], exact,
                      std::ldexp(std::abs(exact), -8) + 2e-6 * size)
              << rows << " rows, row " << r << ", output " << o << " of " << out << ", " << in
              << " inputs";
        }
      }
    }
  }
}

TEST_P(AmxLevel, ARowHasTheSameBitsAmongAnyNumberOfOthersAndInAnyPieceOfTheWork) {
  constexpr int kIn = 77, kOut = 85;
  Numbers numbers(2);
  const Product product(kOut, kIn, numbers.ordinary(kIn * kOut));
  const std::vector<float> x = numbers.ordinary(40 * kIn);
  const std::vector<float> all = product.times(kernels(), x);
  for (std::size_t rows = 1; rows < 40; ++rows) {
    const std::vector<float> fewer(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(rows * kIn));
    const std::vector<float> y = product.times(kernels(), fewer);
    for (std::size_t i = 0; i < y.size(); ++i) ASSERT_TRUE(same(y[i], all[i])) << rows << " rows";
  }
  for (const auto& [first, last] : {std::pair{0, 1}, {1, 2}, {1, 4}, {2, 6}, {5, 6}}) {
    const std::vector<float> y = product.times(kernels(), x, first, last);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const int panel = static_cast<int>(i % product.width()) / kPanel;
      const float expected = panel >= first && panel < last ? all[i] : 77;
      ASSERT_TRUE(same(y[i], expected))
          << "panels " << first << " to " << last << ", panel " << panel;
    }
  }
}

TEST_P(AmxLevel, SubnormalNumbersAreZeros) {
  const float least = 0x1p-126f, subnormal = 0x1p-127f;
  EXPECT_TRUE(same(of({subnormal}, {1}), 0.0f));
  EXPECT_TRUE(same(of({1}, {subnormal}), 0.0f));
  EXPECT_TRUE(same(of({least}, {1}), least));
  EXPECT_TRUE(same(of({least, least}, {0.5f, 0.5f}), 0.0f));  // both products are flushed
  EXPECT_TRUE(same(of({least, 0, least}, {0.5f, 0, 1}), least));
  EXPECT_TRUE(std::isnan(of({kInfinity}, {subnormal})));  // infinity times zero
}

TEST_P(AmxLevel, InfinitiesAndNaNsStayInTheirRowAndColumn) {
  constexpr int kIn = 40, kOut = 20;
  std::vector<float> w(kIn * kOut, 1), x(18 * kIn, 1);
  w[3 * kIn + 39] = kInfinity;                           // output 3
  x[17 * kIn + 38] = -kInfinity;                         // row 17
  x[5 * kIn] = std::numeric_limits<float>::quiet_NaN();  // row 5
  const Product product(kOut, kIn, w);
  const std::vector<float> y = product.times(kernels(), x);
  for (std::size_t r = 0; r < 18; ++r) {
    for (std::size_t o = 0; o < kOut; ++o) {
      const float got = y[r * product.width() + o];
      if (r == 5 || (r == 17 && o == 3)) {
        EXPECT_TRUE(std::isnan(got)) << r << ", " << o;
      } else {
        EXPECT_EQ(got, r == 17 ? -kInfinity : o == 3 ? kInfinity : 40) << r << ", " << o;
      }
    }
  }
}

void expect_accepted(const TileShapes& s) {
  EXPECT_EQ(s.palette, 1);
  EXPECT_EQ(s.start_row, 0);
  for (const std::uint8_t byte : s.reserved) EXPECT_EQ(byte, 0);
  for (std::size_t tile = 0; tile < 16; ++tile) {  // palette 1 has eight
    const bool there = tile < kTiles;
    EXPECT_TRUE(there ? s.row_bytes[tile] >= 4 && s.row_bytes[tile] <= 64 : s.row_bytes[tile] == 0);
    EXPECT_EQ(s.row_bytes[tile] % 4, 0);
    EXPECT_TRUE(there ? s.rows[tile] >= 1 && s.rows[tile] <= 16 : s.rows[tile] == 0);
  }
}

/// dot<S, X, W>: S has X's rows and W's columns, W a row for each lane of X.
void expect_to_fit(const TileShapes& s, std::size_t sums, std::size_t x, std::size_t w) {
  EXPECT_EQ(s.rows[sums], s.rows[x]);
  EXPECT_EQ(s.row_bytes[sums], s.row_bytes[w]);
  EXPECT_EQ(s.rows[w], s.row_bytes[x] / 4);
}

TEST(TileShapes, AreOnesThatTheUnitAccepts) {
  for (int rows = 1; rows <= kRowsInTiles; ++rows) {
    const TileShapes s = shapes_for(rows);
    expect_accepted(s);
    for (const std::size_t sums : {0u, 1u, 2u, 3u}) {
      expect_to_fit(s, sums, 4 + sums / 2, 6 + sums % 2);
    }
    EXPECT_EQ(s.rows[4] + (rows > 16 ? s.rows[5] : 0), rows);
  }
  for (int rows = 1; rows <= kTileHeight; ++rows) {
    const TileShapes s = shapes_for_blocks(rows);
    expect_accepted(s);
    for (const std::size_t digit : {0u, 1u, 2u}) expect_to_fit(s, digit, 3 + digit, 6);
    EXPECT_EQ(s.rows[0], rows);
  }
}

TEST(TilesInSoftware, EvenAndOddInputsAreSummedApart) {
  // 2²⁴ + 1 is no float32: in one chain both ones would be lost, one after the other.
  EXPECT_EQ(Product(1, 4, {1, 1, 1, 1}).times(amx_in_software(), {0x1p24f, 1, -0x1p24f, 1})[0], 2);
  EXPECT_EQ(Product(1, 4, {1, 1, 1, 1}).times(amx_in_software(), {0x1p24f, 0, 1, -0x1p24f})[0], 0);
  // From one step to the next there is one sum: 2²⁴ + 1 = 2²⁴, then + (−2²⁴ + 1).
  std::vector<float> x(66, 0), w(66, 1);
  x[0] = 0x1p24f;
  x[32] = 1;
  x[64] = -0x1p24f;
  x[65] = 1;
  EXPECT_EQ(Product(1, 66, w).times(amx_in_software(), x)[0], 1);
}

#if defined(__x86_64__)
TEST(TilesInSoftware, MultiplyAndAddAsTheProcessorDoesWhenItFlushes) {
  if (!this_processor().avx2) GTEST_SKIP() << "this processor has no fused multiply-add";
  Numbers numbers(3);
  for (int i = 0; i < 300000; ++i) {
    const float x = numbers.any(), w = numbers.any(), sum = numbers.any();
    ASSERT_TRUE(same(flushed_multiply_add(x, w, sum), processors_multiply_add(x, w, sum)))
        << x << " · " << w << " + " << sum;
  }
  // About the least normal number: sums that end within a few units of it.
  for (int i = 0; i < 300000; ++i) {
    const float x = numbers.between(-70, -60), w = numbers.between(-93, -56);
    const float sum = std::copysign(std::nextafter(0x1p-126f, i % 2 == 0 ? 0.0f : 1.0f), -x * w);
    for (const float s : {sum, -sum, 0x1p-126f, -0x1p-126f, 0.0f}) {
      ASSERT_TRUE(same(flushed_multiply_add(x, w, s), processors_multiply_add(x, w, s)))
          << std::hexfloat << x << " · " << w << " + " << s;
    }
  }
}

/// Two numbers of a kind, or any bits.
std::uint32_t pair(Numbers& numbers, int kind) {
  const auto one = [&] {
    return kind == 0   ? numbers.any()
           : kind == 1 ? numbers.between(-66, -60)  // products about subnormal
                       : numbers.ordinary();
  };
  return std::bit_cast<std::uint32_t>(one()) >> 16 | std::bit_cast<std::uint32_t>(one());
}

TEST(TilesOfProcessor, GiveTheBitsOfThoseInSoftware) {
  if (!has_tiles() || !ask_for_tiles()) GTEST_SKIP() << "this processor has no AMX";
  EXPECT_TRUE(tiles_keep_to_the_manual());
  Numbers numbers(4);
  for (int i = 0; i < 2000; ++i) {
    TileSample s;
    const int kind = i % 4, rows = 1 + i % 16;
    for (auto* of : {&s.x, &s.w}) {
      for (auto& row : *of) {
        for (std::uint32_t& bits : row) bits = pair(numbers, kind);
      }
    }
    for (auto& row : s.sums) {
      for (std::uint32_t& bits : row) {
        const float sum = kind == 1 ? numbers.between(-130, -124) : numbers.ordinary();
        bits = std::bit_cast<std::uint32_t>(sum);
      }
    }
    ASSERT_TRUE(same_floats(pairs_multiplied<TilesOfProcessor>(s, rows),
                            pairs_multiplied<TilesInSoftware>(s, rows)))
        << rows << " rows, kind " << kind;
    const TileSample unit = bytes_multiplied<TilesOfProcessor>(s, rows);
    const TileSample software = bytes_multiplied<TilesInSoftware>(s, rows);
    ASSERT_EQ(std::memcmp(unit.sums, software.sums, sizeof unit.sums), 0) << rows << " rows";
  }
}

TEST(IsaLevel, ChoiceFollowsTheTable) {
  const Processor zen4{
      .avx2 = true, .avx512 = true, .avx512_vnni = true, .avx512_bf16 = true, .amd = true};
  const Processor cooper_lake{
      .avx2 = true, .avx512 = true, .avx512_vnni = true, .avx512_bf16 = true};
  Processor sapphire_rapids = cooper_lake;
  sapphire_rapids.amx = true;
  EXPECT_EQ(level_for(zen4), "avx512_bf16");
  EXPECT_EQ(level_for(cooper_lake), "avx512_vnni");
  EXPECT_EQ(level_for(sapphire_rapids), "amx");
  EXPECT_EQ(level_for(sapphire_rapids, false), "avx512_vnni");  // the system refuses
  EXPECT_EQ(level_for({.avx2 = true, .avx512 = true}), "avx512");
  EXPECT_EQ(level_for({.avx2 = true}), "avx2");
  EXPECT_EQ(level_for({}), "scalar");
  EXPECT_EQ(level_for({.amx = true}), "scalar");  // a system that keeps tiles but no vectors

  EXPECT_EQ(why_not_chosen("amx", sapphire_rapids), "");
  EXPECT_NE(why_not_chosen("avx512_bf16", sapphire_rapids), "");
  EXPECT_EQ(why_not_chosen("avx512", sapphire_rapids), "");
  EXPECT_EQ(why_not_chosen("amx", zen4), "");  // it has none: there is nothing to explain
}
#endif

TEST(IsaLevel, AskingForAmxWithoutAmxIsAnError) {
  if (cpu_isa_available("amx")) GTEST_SKIP() << "this processor has AMX";
  try {
    kernels_for("amx");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::unsupported);
    EXPECT_NE(std::string(error.what()).find("amx"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace typecase::cpu
