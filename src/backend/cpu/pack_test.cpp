/// Packing against the file: every format gives back the numbers it was made from, bit for bit,
/// however they lie and whatever remains of a panel, a register or a piece.
#include "backend/backend.h"
#include "backend/cpu/isa/levels.h"
#include "backend/cpu/packed.h"
#include "backend/cpu/recoded.h"
#include "tensor/convert.h"
#include "tensor/tensor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>

namespace typecase::cpu {
namespace {

/// Random bytes: for 16-bit floats every pattern comes up in the larger ones.
Storage random_tensor(DType dtype, Shape shape) {
  const auto& t = traits(dtype);
  std::size_t count = 1;
  for (const auto n : shape) count *= static_cast<std::size_t>(n);
  std::vector<std::byte> bytes(count / t.block_size * t.block_bytes);
  std::mt19937 random(static_cast<unsigned>(count));
  for (std::byte& b : bytes) b = static_cast<std::byte>(random());
  return Storage("w", dtype, shape, std::move(bytes));
}

bool same_bits(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

/// Value of input k of output o.
float stored_value(const Matrix& m, int o, int k) {
  const Tensor& t = m.stored;
  const bool columns = m.in_out != t.transposed;
  std::int64_t row = m.rows.empty() ? o : m.rows[static_cast<std::size_t>(o)], column = k;
  std::int64_t& mapped = m.in_out ? column : row;  // along shape[0]
  if (!t.rows.empty()) mapped = t.rows[static_cast<std::size_t>(mapped)];
  const std::int64_t out = t.shape[m.in_out ? 1 : 0], in = t.shape[m.in_out ? 0 : 1];
  const auto at = columns ? column * out + row : row * in + column;
  const auto block = static_cast<std::int64_t>(traits(t.dtype).block_size);
  std::vector<float> values(static_cast<std::size_t>(block));
  to_float32(t.dtype, t.bytes, at / block * block, values);
  return values[static_cast<std::size_t>(at % block)];
}

/// Packs in two parts and compares every number; lanes without an output must be zeros.
void expect_packed(const Matrix& matrix, DType plan) {
  PackedMatrix m = plan_packing(matrix, plan);
  std::vector<std::byte> data(m.bytes());
  m.data = data.data();
  const int half = m.panels() / 2;
  pack_panels(matrix, m, 0, half);
  pack_panels(matrix, m, half, m.panels());
  std::vector<float> row(static_cast<std::size_t>(m.in));
  for (int o = 0; o < m.out; ++o) {
    m.row(o, row.data());
    for (int k = 0; k < m.in; ++k) {
      const float value = stored_value(matrix, o, k);
      const bool narrowed = m.format == Format::bfloat16 || m.rounded;
      const DType kept = m.format == Format::float16 ? DType::float16
                         : narrowed                  ? DType::bfloat16
                                                     : DType::float32;
      const float expected = round_to(kept, value), got = row[static_cast<std::size_t>(k)];
      ASSERT_TRUE(same_bits(got, expected) || (std::isnan(got) && std::isnan(expected)))
          << name(matrix.stored.dtype) << " in a plan of " << name(plan) << ": output " << o
          << " of " << m.out << ", input " << k << " of " << m.in;
    }
  }
  m.out = m.panels() * kPanel;
  for (int o = static_cast<int>(matrix.out()); o < m.out && m.format != Format::blocks; ++o) {
    m.row(o, row.data());
    for (const float x : row) ASSERT_EQ(x, 0) << "output " << o << " pads a panel";
  }
}

const int kOuts[] = {1, 15, 16, 17, 40};
const int kIns[] = {1, 2, 3, 4, 7, 8, 31, 64, 255, 256, 257, 520};

TEST(Pack, RowsOfFloats) {
  for (const DType stored : {DType::float32, DType::float16, DType::bfloat16, DType::float64}) {
    for (const DType plan : {DType::float32, DType::float16, DType::bfloat16}) {
      for (const int out : kOuts) {
        for (const int in : kIns) {
          const Storage w = random_tensor(stored, Shape{out, in});
          expect_packed({.stored = w.tensor()}, plan);
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

TEST(Pack, ColumnsOfFloatsAndRowMaps) {
  std::mt19937 random(1);
  for (const DType stored : {DType::float32, DType::float16, DType::bfloat16}) {
    for (const DType plan : {DType::float32, DType::bfloat16}) {
      if (stored == DType::float16 && plan == DType::bfloat16) continue;
      for (const int out : {1, 16, 17, 300}) {
        for (const int in : {1, 2, 5, 64, 257}) {
          const Storage columns = random_tensor(stored, Shape{in, out + 5});
          const Storage rows = random_tensor(stored, Shape{out + 5, in});
          Matrix some{.stored = columns.tensor(), .in_out = true};
          expect_packed(some, plan);
          for (int o = 0; o < out; ++o) some.rows.push_back(o + 3);
          expect_packed(some, plan);  // neighbours, as in a fused q, k, v
          std::shuffle(some.rows.begin(), some.rows.end(), random);
          expect_packed(some, plan);
          expect_packed({.stored = rows.tensor(), .rows = some.rows}, plan);
          Tensor permuted = rows.tensor();
          permuted.rows.resize(static_cast<std::size_t>(out + 5));
          std::iota(permuted.rows.rbegin(), permuted.rows.rend(), 0);
          expect_packed({.stored = permuted}, plan);
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

TEST(Pack, QuantisedRows) {
  for (const DType stored : {DType::q8_0, DType::q4_0, DType::q4_1, DType::q5_0}) {
    for (const DType plan : {DType::float32, DType::bfloat16}) {
      for (const int out : kOuts) {
        for (const int in : {32, 64, 96, 288}) {
          const Storage w = random_tensor(stored, Shape{out, in});
          expect_packed({.stored = w.tensor()}, plan);
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

/// A level that multiplies recoded weights, or nullptr.
const Kernels* recoding_level() {
  if (!cpu_isa_available("avx512_bf16")) return nullptr;
  return &kernels_for("avx512_bf16");
}

std::uint16_t random_weight(std::mt19937& random, std::uint32_t least_exponent,
                            std::uint32_t exponents) {
  const auto bits = static_cast<std::uint32_t>(random());
  const std::uint32_t exponent = least_exponent + bits / 65536 % exponents;
  return static_cast<std::uint16_t>((bits & recoded::kKept) | exponent << 7);
}

/// Recodes a run and reads every weight back; false when it does not fit.
bool recoded_exactly(Recode recode, const std::vector<std::uint16_t>& run) {
  std::vector<std::byte> to(recoded::kRunBytes);
  if (!recode(reinterpret_cast<const std::byte*>(run.data()), to.data())) return false;
  for (std::size_t k = 0; k < recoded::kInputs; ++k) {
    for (std::size_t lane = 0; lane < kPanel; ++lane) {
      const std::uint16_t expected = run[(k / 2 * kPanel + lane) * 2 + k % 2];
      EXPECT_EQ(recoded::weight(to.data(), k, lane), expected) << "input " << k << " lane " << lane;
    }
  }
  return true;
}

TEST(Recode, KeepsEveryPatternBitForBit) {
  const Kernels* level = recoding_level();
  if (level == nullptr) GTEST_SKIP();
  std::mt19937 random(3);
  std::vector<std::uint16_t> run(recoded::kInputs * kPanel);
  // All 65536 patterns: the 256 of an exponent and sign fill a quarter of a run, the rest is near.
  for (std::uint32_t exponent = 0; exponent < 256; ++exponent) {
    for (std::uint32_t i = 0; i < run.size(); ++i) {
      const std::uint32_t kept = (i & 0x7f) | (i & 0x80) << 8;
      const std::uint32_t near = std::min(exponent / 15 * 15 + i / 256 * 4, 255u);
      run[i] = static_cast<std::uint16_t>(kept | (i < 256 ? exponent : near) << 7);
    }
    ASSERT_TRUE(recoded_exactly(level->recode, run)) << "exponent " << exponent;
    if (HasFailure()) return;
  }
}

TEST(Recode, ListsWhatHasNoCodeAndKnowsWhenThatIsTooMuch) {
  const Kernels* level = recoding_level();
  if (level == nullptr) GTEST_SKIP();
  std::mt19937 random(4);
  std::vector<std::uint16_t> run(recoded::kInputs * kPanel);
  const std::uint16_t odd[] = {0x0000, 0x8000, 0x0001, 0x807f, 0x7f80,
                               0xff80, 0x7fc1, 0x0080, 0x7f7f};
  for (int trial = 0; trial < 3000; ++trial) {
    const bool zeros = trial % 3 == 0;
    for (auto& w : run) {
      w = random_weight(random, 105, zeros ? 15 : 16);
      if (zeros && random() % 4 == 0) w = static_cast<std::uint16_t>(random() % 2 * 0x8000);
    }
    // The codes are these: sixteen exponents, or fifteen and that of zero.
    run[0] = static_cast<std::uint16_t>((zeros ? 119 : 120) << 7);
    run[1] = static_cast<std::uint16_t>(105 << 7);
    const int strange = trial % (recoded::kListed + 1);
    for (int i = 0; i < strange; ++i) run[2 + random() % (run.size() - 2)] = odd[random() % 9];
    ASSERT_TRUE(recoded_exactly(level->recode, run)) << "trial " << trial;
    if (HasFailure()) return;
  }
  for (std::size_t i = 0; i < run.size(); ++i) run[i] = static_cast<std::uint16_t>(i << 6);
  EXPECT_FALSE(recoded_exactly(level->recode, run));
}

TEST(Recode, MatricesOfAnyHeightReadBackAsTheyWere) {
  const Kernels* level = recoding_level();
  if (level == nullptr) GTEST_SKIP();
  std::mt19937 random(5);
  for (const DType stored : {DType::bfloat16, DType::float32}) {
    for (const int out : kOuts) {
      for (const int in : {64, 128, 320}) {
        std::vector<std::uint16_t> weights(static_cast<std::size_t>(out * in));
        for (auto& w : weights) w = random_weight(random, 110, 14);
        std::vector<std::byte> bytes(weights.size() * traits(stored).block_bytes);
        for (std::size_t i = 0; i < weights.size(); ++i) {
          const float value = bfloat16_to_float(weights[i]);
          stored == DType::bfloat16 ? std::memcpy(&bytes[2 * i], &weights[i], 2)
                                    : std::memcpy(&bytes[4 * i], &value, 4);
        }
        const Storage w("w", stored, Shape{out, in}, std::move(bytes));
        const Matrix matrix{.stored = w.tensor()};
        PackedMatrix m = plan_recoding(matrix, plan_packing(matrix, DType::bfloat16));
        ASSERT_EQ(m.format, Format::bfloat16_recoded);
        std::vector<std::byte> data(m.bytes());
        m.data = data.data();
        ASSERT_TRUE(pack_panels(matrix, m, 0, m.panels(), level->recode));
        std::vector<float> row(static_cast<std::size_t>(in));
        for (int o = 0; o < out; ++o) {
          m.row(o, row.data());
          for (int k = 0; k < in; ++k) {
            const auto at = static_cast<std::size_t>(o * in + k);
            ASSERT_TRUE(
                same_bits(row[static_cast<std::size_t>(k)], bfloat16_to_float(weights[at])));
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace typecase::cpu
