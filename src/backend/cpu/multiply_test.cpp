/// The matrix kernels against the arithmetic their levels promise, bit for bit: which products a
/// chain adds in which order, where it rounds, and what becomes of numbers at the edges.
#include "backend/cpu/amx_in_software.h"
#include "backend/cpu/packed.h"
#include "backend/cpu/quads.h"
#include "backend/cpu/row_forms.h"
#include "tensor/convert.h"
#include "tensor/tensor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <random>

namespace typecase::cpu {
namespace {

float without_subnormals(float x) {
  return std::fpclassify(x) == FP_SUBNORMAL ? std::copysign(0.0f, x) : x;
}

/// acc + x·w as vdpbf16ps takes it.
float flushed(float x, float w, float acc) {
  return without_subnormals(
      std::fma(without_subnormals(x), without_subnormals(w), without_subnormals(acc)));
}

/// Inputs begin … end − 1 of one output in one chain.
float chain(const std::string& level, bool pairs, const float* x, const float* w, int begin,
            int end) {
  float acc = 0;
  for (int k = begin; k < end; k += pairs ? 2 : 1) {
    if (pairs) {
      const bool both = k + 1 < end;
      acc = flushed(both ? x[k + 1] : 0, both ? w[k + 1] : 0, acc);
      acc = flushed(x[k], w[k], acc);
    } else if (level == "scalar") {
      acc = x[k] * w[k] + acc;
    } else {
      acc = std::fma(x[k], w[k], acc);
    }
  }
  return acc;
}

constexpr int kStep = 32;
using Step = std::array<float, kStep>;

/// `sum` and one step of tiles: its inputs of even and of odd number in chains of their own.
float with_step(float sum, const Step& x, const Step& w) {
  float even = 0, odd = 0;
  for (std::size_t k = 0; k < kStep; ++k) {
    float& acc = k % 2 == 0 ? even : odd;
    acc = flushed(x[k], w[k], acc);
  }
  return without_subnormals(sum + without_subnormals(even + odd));
}

/// The three bfloat16 numbers of each that add up to it.
std::array<Step, 3> parts_of(Step numbers) {
  std::array<Step, 3> parts{};
  for (Step& part : parts) {
    for (std::size_t k = 0; k < kStep; ++k) {
      part[k] = round_to(DType::bfloat16, numbers[k]);
      if (std::isinf(part[k])) {
        part[k] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(numbers[k]) & 0xffff0000u);
      }
      numbers[k] -= part[k];
      if (std::isnan(numbers[k])) numbers[k] = 0;
    }
  }
  return parts;
}

/// One chain of an output as tiles sum it, 32 inputs at a time; zeros where there are no more.
float sum_in_tiles(DType stored, DType dtype, const float* x, const float* w, int in) {
  struct Meeting {
    std::size_t x, w;
  };
  const std::size_t weight_parts = stored == DType::bfloat16 ? 1 : stored == DType::float16 ? 2 : 3;
  float sum = 0;
  for (int begin = 0; begin < in; begin += kStep) {
    Step xs{}, ws{};
    std::copy(x + begin, x + std::min(begin + kStep, in), xs.begin());
    std::copy(w + begin, w + std::min(begin + kStep, in), ws.begin());
    if (dtype == DType::bfloat16) {
      sum = with_step(sum, xs, ws);
      continue;
    }
    const auto x_parts = parts_of(xs), w_parts = parts_of(ws);
    for (const Meeting m : {Meeting{2, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 2}, {0, 0}}) {
      if (m.w < weight_parts) sum = with_step(sum, x_parts[m.x], w_parts[m.w]);
    }
  }
  return sum;
}

/// One output before its bias: chains added in order.
float promised_sum(const std::string& level, DType stored, DType dtype, const float* x,
                   const float* w, int in) {
  const bool in_pairs = dtype == DType::bfloat16;
  const bool tiles = level == "amx" || level == kAmxInSoftware;
  const bool pairs = in_pairs && level == "avx512_bf16";
  const int block = tiles ? (in_pairs ? in : 512) : pairs ? 2 * kInputBlock : kChain;
  float y = 0;
  for (int k = 0; k < in; k += block) {
    const int end = std::min(in, k + block);
    const float part = tiles ? sum_in_tiles(stored, dtype, x + k, w + k, end - k)
                             : chain(level, pairs, x, w, k, end);
    y = k == 0 ? part : y + part;
  }
  return y;
}

/// The numbers a test is made of.
class Numbers {
 public:
  enum class Kind { ordinary, outliers, edges };
  /// `whole`: a bfloat16 number.
  Numbers(Kind kind, unsigned seed, bool whole) : kind_(kind), whole_(whole), random_(seed) {}

  float next() {
    const std::uint32_t bits = draw(0xffffffff) & (whole_ ? 0x807f0000u : 0x807fffffu);
    // Ordinary: within 2^±8. Edges: as small as subnormal, and one in a hundred without bounds.
    std::uint32_t exponent = 119 + draw(16);
    // Outliers: one in two thousand anywhere, infinities and NaN too; else within fifteen powers.
    if (kind_ == Kind::outliers) exponent = draw(2000) == 0 ? draw(256) : 119 + draw(15);
    if (kind_ == Kind::edges) exponent = draw(100) == 0 ? 255 : draw(140);
    return std::bit_cast<float>(bits | exponent << 23);
  }
  std::vector<float> next(std::size_t n) {
    std::vector<float> out(n);
    for (float& x : out) x = next();
    return out;
  }

 private:
  std::uint32_t draw(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }

  Kind kind_;
  bool whole_;
  std::mt19937 random_;
};

bool same(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

/// Rows at x times the matrix, [rows][whole panels].
std::vector<float> products(const std::string& level, const PackedMatrix& packed,
                            const std::vector<float>& bias, const float* x, std::size_t x_stride,
                            int rows, DType dtype, bool eight_bits = false) {
  const auto count = static_cast<std::size_t>(rows);
  const std::size_t width = static_cast<std::size_t>(packed.panels()) * kPanel;
  const std::size_t lane_stride =
      row_stride(row_form(tested_kernels(level), packed, dtype, eight_bits), packed.in);
  std::vector<float> out(count * width), scratch(kScratch), lanes(count * lane_stride);
  MultiplyTask task{.matrix = &packed, .bias = bias.data(), .x = x};
  task.x_stride = x_stride;
  task.rows = rows;
  task.out = out.data();
  task.out_stride = width;
  task.last = packed.panels();
  task.scratch = scratch.data();
  task.row_scratch = lanes.data();
  task.dtype = dtype;
  task.eight_bits = eight_bits;
  tested_kernels(level).multiply(task);
  return out;
}

/// Packs, multiplies at every row count up to 13, one beyond two tall tiles and one beyond two of
/// level amx, and compares.
void expect_the_promised_bits(const std::string& level, DType stored, DType dtype, int out, int in,
                              Numbers::Kind kind, Recode recode = nullptr) {
  Numbers numbers(kind, static_cast<unsigned>(out * 1000 + in), dtype == DType::bfloat16);
  const auto n_out = static_cast<std::size_t>(out), n_in = static_cast<std::size_t>(in);
  std::vector<float> w = numbers.next(n_out * n_in);
  std::vector<std::byte> bytes(w.size() * traits(stored).block_bytes);
  for (std::size_t i = 0; i < w.size(); ++i) {
    w[i] = round_to(stored, w[i]);
    const std::uint16_t half =
        stored == DType::float16 ? float_to_float16(w[i]) : float_to_bfloat16(w[i]);
    stored == DType::float32 ? std::memcpy(&bytes[4 * i], &w[i], 4)
                             : std::memcpy(&bytes[2 * i], &half, 2);
  }
  const Storage storage("w", stored, Shape{out, in}, std::move(bytes));
  const Matrix matrix{.stored = storage.tensor()};
  PackedMatrix packed = plan_packing(matrix, dtype);
  if (recode != nullptr) packed = plan_recoding(matrix, packed);
  std::vector<std::byte> data(packed.bytes() + 64);
  packed.data = data.data() + 4;  // no line, no vector: alignment is not asked for
  ASSERT_TRUE(pack_panels(matrix, packed, 0, packed.panels(), recode));

  const std::size_t width = static_cast<std::size_t>(packed.panels()) * kPanel;
  std::vector<float> bias(width);
  for (std::size_t o = 0; o < n_out; ++o) bias[o] = numbers.next();
  for (const int rows : {1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 29}) {
    const auto count = static_cast<std::size_t>(rows);
    const std::size_t stride = n_in + 3;
    std::vector<float> x = numbers.next(count * stride + 1);
    // Behind an odd last input there is a zero, and anything behind that.
    for (std::size_t r = 0; r < count; ++r) x[1 + r * stride + n_in] = 0;
    const auto got = products(level, packed, bias, x.data() + 1, stride, rows, dtype);
    for (std::size_t r = 0; r < count; ++r) {
      for (std::size_t o = 0; o < n_out; ++o) {
        const float *xr = x.data() + 1 + r * stride, *wo = w.data() + o * n_in;
        const float expected =
            round_to(dtype, promised_sum(level, stored, dtype, xr, wo, in) + bias[o]);
        ASSERT_TRUE(same(got[r * width + o], expected))
            << got[r * width + o] << " is not " << expected << ": " << rows << " rows, row " << r
            << ", output " << o << " of " << out << ", " << in << " inputs";
      }
    }
  }
}

class MultiplyOfLevel : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Isa, MultiplyOfLevel, testing::ValuesIn(tested_levels()),
                         [](const auto& level) { return level.param; });

TEST_P(MultiplyOfLevel, GivesThePromisedBits) {
  if (!can_test(GetParam())) GTEST_SKIP();
  const std::pair<DType, DType> kinds[] = {{DType::float32, DType::float32},
                                           {DType::bfloat16, DType::float32},
                                           {DType::float16, DType::float32},
                                           {DType::bfloat16, DType::bfloat16},
                                           {DType::float32, DType::bfloat16}};
  for (const auto& [stored, dtype] : kinds) {
    for (const int in : {1, 2, 3, 31, 64, 255, 256, 257, 511, 770}) {
      for (const int out : {1, 16, 17, 33, 81}) {
        expect_the_promised_bits(GetParam(), stored, dtype, out, in, Numbers::Kind::ordinary);
        expect_the_promised_bits(GetParam(), stored, dtype, out, in, Numbers::Kind::edges);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_P(MultiplyOfLevel, RecodedWeightsGiveTheSameBits) {
  if (!can_test(GetParam())) GTEST_SKIP();
  const Recode recode = tested_kernels(GetParam()).recode;
  if (recode == nullptr) GTEST_SKIP() << "the level has no kernel for them";
  for (const int in : {64, 128, 512, 576, 1088}) {
    for (const int out : {1, 16, 17, 97, 130}) {
      expect_the_promised_bits(GetParam(), DType::bfloat16, DType::bfloat16, out, in,
                               Numbers::Kind::outliers, recode);
      if (HasFatalFailure()) return;
    }
  }
}

/// A quantised block's contribution in the arithmetic of quads.h: digits, exact sums, three
/// roundings.
float with_block(const std::vector<float>& x, const std::int32_t* q, float d, float m,
                 float total) {
  float most = 0;
  for (const float v : x) {
    if (!std::isfinite(v)) return std::nanf("");
    most = std::max(most, std::abs(v));
  }
  int e = std::max(most == 0 ? -100 : std::ilogb(most), -100) - 22;
  if (std::ldexp(most, -e) > 0x7f7f7f + 0.5) ++e;
  std::int64_t sums[3] = {}, all = 0, last = 0, last_sum = 0;
  int small = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double scaled = std::ldexp(double{x[k]}, -e);
    auto v = static_cast<std::int32_t>(std::nearbyint(scaled));
    const double rest = std::min(127.0, std::nearbyint((scaled - v) * 256));
    last += static_cast<std::int64_t>(rest);
    last_sum += static_cast<std::int64_t>(rest) * q[k];
    small += std::abs(scaled) < 262144;
    all += v;
    for (std::int64_t& sum : sums) {
      const auto digit = static_cast<std::int8_t>(v);
      sum += digit * q[k];
      v = (v - digit) / 256;
    }
    EXPECT_EQ(v, 0);
  }
  const auto low = static_cast<float>(sums[0] + 256 * sums[1]);
  const float sum = std::fma(static_cast<float>(sums[2]), 65536.0f, low);
  total = std::fma(sum, d * std::ldexp(1.0f, e), total);
  const bool fourth = small > 16;
  const float x_sum = static_cast<float>(all) + (fourth ? static_cast<float>(last) / 256 : 0.0f);
  if (m != 0) total = std::fma(m, x_sum * std::ldexp(1.0f, e), total);
  if (!fourth) return total;
  return std::fma(static_cast<float>(last_sum), d * std::ldexp(1.0f, e - 8), total);
}

/// The same of rows in the coarse form: one digit.
float with_coarse_block(const std::vector<float>& x, const std::int32_t* q, float d, float m,
                        float total) {
  float most = std::ldexp(1.0f, -100);
  for (const float v : x) {
    if (!std::isfinite(v)) return std::nanf("");
    most = std::max(most, std::abs(v));
  }
  const float scale = most / 127, inverse = 1 / scale;
  std::int32_t sum = 0, all = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const auto digit = static_cast<std::int32_t>(std::nearbyint(x[k] * inverse));
    EXPECT_LE(std::abs(digit), 127);
    all += digit;
    sum += digit * q[k];
  }
  total = std::fma(static_cast<float>(sum), d * scale, total);
  return m != 0 ? std::fma(m, static_cast<float>(all) * scale, total) : total;
}

/// Random blocks of Q8_0, Q4_0 or Q4_1, and what is in them.
struct Blocks {
  std::vector<std::byte> bytes;
  std::vector<std::int32_t> q;
  std::vector<float> d, m;

  Blocks(DType stored, std::size_t count, std::mt19937& random) {
    const auto put = [&](auto value) {
      const auto* from = reinterpret_cast<const std::byte*>(&value);
      bytes.insert(bytes.end(), from, from + sizeof value);
    };
    const auto scale = [&] {  // positive, normal
      const auto half = static_cast<std::uint16_t>(0x2000 + random() % 0x1000);
      put(half);
      return float16_to_float(half);
    };
    for (std::size_t b = 0; b < count; ++b) {
      d.push_back(scale());
      m.push_back(stored == DType::q4_1 ? scale() : 0.0f);
      std::int32_t block[32];
      for (std::size_t i = 0; i < (stored == DType::q8_0 ? 32u : 16u); ++i) {
        const auto byte = static_cast<std::uint8_t>(random());
        put(byte);
        const std::int32_t zero = stored == DType::q4_0 ? 8 : 0;
        block[i] = stored == DType::q8_0 ? static_cast<std::int8_t>(byte) : (byte & 15) - zero;
        if (stored != DType::q8_0) block[i + 16] = (byte >> 4) - zero;
      }
      q.insert(q.end(), block, block + 32);
    }
  }
};

/// In a plan of `dtype`; `with` is the arithmetic of a block.
void expect_exact_blocks(const std::string& level, DType stored, DType dtype, int out, int in,
                         Numbers::Kind kind, decltype(with_block)* with) {
  const bool coarse = with == with_coarse_block;
  std::mt19937 random(static_cast<unsigned>(out * 1000 + in));
  Numbers numbers(kind, static_cast<unsigned>(in), dtype == DType::bfloat16);
  const auto n_out = static_cast<std::size_t>(out), n_in = static_cast<std::size_t>(in);
  const Blocks blocks(stored, n_out * n_in / 32, random);
  const Storage storage("w", stored, Shape{out, in}, std::vector(blocks.bytes));
  const Matrix matrix{.stored = storage.tensor()};
  PackedMatrix packed = plan_packing(matrix, dtype, {.quads = true, .eight_bits = coarse});
  ASSERT_TRUE(in_quads(packed.format));
  std::vector<std::byte> data(packed.bytes() + 64);
  packed.data = data.data() + 4;
  ASSERT_TRUE(pack_panels(matrix, packed, 0, packed.panels()));
  std::vector<float> row(n_in), from_file = to_float32(storage.tensor());
  for (int o = 0; o < out; ++o) {
    packed.row(o, row.data());
    const auto at = from_file.begin() + o * in;
    ASSERT_TRUE(std::equal(row.begin(), row.end(), at)) << "row " << o << " as it is read back";
  }

  const std::size_t width = static_cast<std::size_t>(packed.panels()) * kPanel;
  std::vector<float> bias(width);
  for (std::size_t o = 0; o < n_out; ++o) bias[o] = numbers.next();
  for (const int rows : {1, 2, 3, 4, 5, 6, 7, 13, 29}) {
    const auto count = static_cast<std::size_t>(rows);
    std::vector<float> x = numbers.next(count * n_in);
    if (rows == 7) std::fill_n(x.begin(), 32, 0.0f);
    if (rows == 6) x[0] = 1.9999999f;  // would be rounded up to more than three digits
    const auto got = products(level, packed, bias, x.data(), n_in, rows, dtype, coarse);
    for (std::size_t r = 0; r < count; ++r) {
      for (std::size_t o = 0; o < n_out; ++o) {
        float y = 0, chain = 0;
        for (std::size_t k = 0; k < n_in; k += 32) {
          const auto at = x.begin() + static_cast<std::ptrdiff_t>(r * n_in + k);
          const std::size_t b = (o * n_in + k) / 32;
          chain = with({at, at + 32}, &blocks.q[b * 32], blocks.d[b], blocks.m[b], chain);
          if (k / 32 % kBlockChain != kBlockChain - 1 && k + 32 < n_in) continue;
          y = k / 32 < kBlockChain ? chain : y + chain;
          chain = 0;
        }
        const float expected = round_to(dtype, y + bias[o]);
        ASSERT_TRUE(same(got[r * width + o], expected))
            << got[r * width + o] << " is not " << expected << ": " << rows << " rows, row " << r
            << ", output " << o << " of " << out << ", " << in << " inputs";
      }
    }
  }
}

TEST_P(MultiplyOfLevel, QuantisedBlocksAreSummedExactly) {
  if (!can_test(GetParam())) GTEST_SKIP();
  if (tested_kernels(GetParam()).pack_quads == nullptr)
    GTEST_SKIP() << "the level has no such kernel";
  for (const DType stored : {DType::q8_0, DType::q4_0, DType::q4_1}) {
    for (const int in : {256, 288, 576, 1056}) {
      for (const int out : {1, 16, 17, 97, 130}) {
        for (const auto kind : {Numbers::Kind::ordinary, Numbers::Kind::edges}) {
          expect_exact_blocks(GetParam(), stored, DType::float32, out, in, kind, with_block);
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

TEST_P(MultiplyOfLevel, RowsOfEightBitsAreSummedAsPromised) {
  if (!can_test(GetParam())) GTEST_SKIP();
  if (tested_kernels(GetParam()).pack_eight_bits == nullptr)
    GTEST_SKIP() << "the level has no such kernel";
  for (const DType stored : {DType::q8_0, DType::q4_0, DType::q4_1}) {
    for (const DType dtype : {DType::float32, DType::bfloat16}) {
      for (const int in : {256, 576, 1056}) {
        for (const int out : {1, 17, 97, 130}) {
          for (const auto kind : {Numbers::Kind::ordinary, Numbers::Kind::edges}) {
            expect_exact_blocks(GetParam(), stored, dtype, out, in, kind, with_coarse_block);
            if (HasFatalFailure()) return;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace typecase::cpu
