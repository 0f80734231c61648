/// Packing against the file: every format gives back the numbers it was made from, bit for bit,
/// however they lie and whatever remains of a panel, a register or a piece.
#include "backend/cpu/packed.h"
#include "tensor/convert.h"
#include "tensor/tensor.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
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

}  // namespace
}  // namespace typecase::cpu
