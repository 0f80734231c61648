/// The matrix kernels' distance from exact products is no larger than PyTorch's on the same data.
#include "backend/cpu/amx_in_software.h"
#include "backend/cpu/packed.h"
#include "tensor/convert.h"
#include "tensor/tensor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>

namespace typecase::cpu {
namespace {

constexpr int kOutputs = 256;

/// The numbers of tools/record_matrix_errors.py, rounded to `dtype`.
std::vector<float> numbers(std::uint64_t which, std::size_t count, DType dtype) {
  std::vector<float> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t h = i + (which << 32);
    h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9u;
    h = (h ^ (h >> 27)) * 0x94D049BB133111EBu;
    h ^= h >> 31;
    constexpr float kScale = 1 << 23;
    out[i] = round_to(dtype, (static_cast<float>(h >> 40) - kScale) / kScale);
  }
  return out;
}

/// A line of tests/golden/matrix_errors.csv.
struct Recorded {
  DType dtype = DType::float32;
  int inputs = 0, rows = 0;
  double error = 0;
};

std::vector<Recorded> recorded() {
  std::ifstream file(TYPECASE_SOURCE_DIR "/tests/golden/matrix_errors.csv");
  std::vector<Recorded> out;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    for (char& c : line) c = c == ',' ? ' ' : c;
    std::istringstream words(line);
    std::string dtype;
    Recorded r;
    words >> dtype >> r.inputs >> r.rows >> r.error;
    r.dtype = dtype == "bfloat16" ? DType::bfloat16 : DType::float32;
    out.push_back(r);
  }
  return out;
}

/// One of those products, and what it is exactly.
struct Product {
  explicit Product(const Recorded& r)
      : about(r),
        x(numbers(1, static_cast<std::size_t>(r.rows * r.inputs), r.dtype)),
        w(numbers(2, static_cast<std::size_t>(kOutputs * r.inputs), r.dtype)) {
    const auto n = static_cast<std::size_t>(r.inputs);
    for (std::size_t row = 0; row < static_cast<std::size_t>(r.rows); ++row) {
      for (std::size_t o = 0; o < kOutputs; ++o) {
        double sum = 0;
        for (std::size_t k = 0; k < n; ++k) sum += double{x[row * n + k]} * double{w[o * n + k]};
        exact.push_back(sum);
      }
    }
  }

  Recorded about;
  std::vector<float> x, w;
  std::vector<double> exact;
};

const std::vector<Product>& products() {
  static const std::vector<Product> all = [] {
    std::vector<Product> out;
    for (const Recorded& r : recorded()) out.emplace_back(r);
    return out;
  }();
  return all;
}

std::vector<float> multiplied(const std::string& level, const Product& p) {
  const DType dtype = p.about.dtype;
  std::vector<std::byte> bytes(p.w.size() * traits(dtype).block_bytes);
  for (std::size_t i = 0; i < p.w.size(); ++i) {
    const std::uint16_t half = float_to_bfloat16(p.w[i]);
    dtype == DType::float32 ? std::memcpy(&bytes[4 * i], &p.w[i], 4)
                            : std::memcpy(&bytes[2 * i], &half, 2);
  }
  const Storage storage("w", dtype, Shape{kOutputs, p.about.inputs}, std::move(bytes));
  const Matrix matrix{.stored = storage.tensor()};
  PackedMatrix packed = plan_packing(matrix, dtype);
  std::vector<std::byte> data(packed.bytes());
  packed.data = data.data();
  pack_panels(matrix, packed, 0, packed.panels());

  const auto rows = static_cast<std::size_t>(p.about.rows);
  std::vector<float> out(rows * kOutputs), scratch(kScratch),
      pairs(rows * pair_stride(p.about.inputs));
  MultiplyTask task{.matrix = &packed, .x = p.x.data()};
  task.x_stride = static_cast<std::size_t>(p.about.inputs);
  task.rows = p.about.rows;
  task.out = out.data();
  task.out_stride = kOutputs;
  task.last = packed.panels();
  task.scratch = scratch.data();
  task.pairs = pairs.data();
  task.dtype = dtype;
  tested_kernels(level).multiply(task);
  return out;
}

/// The root of the mean of (y − exact)² ÷ that of exact².
double error(const std::vector<float>& y, const std::vector<double>& exact) {
  double away = 0, whole = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    away += (y[i] - exact[i]) * (y[i] - exact[i]);
    whole += exact[i] * exact[i];
  }
  return std::sqrt(away / whole);
}

class MatrixErrors : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Isa, MatrixErrors, testing::ValuesIn(tested_levels()),
                         [](const auto& level) { return level.param; });

TEST_P(MatrixErrors, AreNoLargerThanPyTorchs) {
  if (!can_test(GetParam())) GTEST_SKIP();
  ASSERT_EQ(products().size(), 20u);
  for (const Product& p : products()) {
    const double ours = error(multiplied(GetParam(), p), p.exact);
    // In bfloat16 the error is that of rounding the result, the same for both but where an exact
    // product lies within float32's error of a tie: there either may be the one that is right.
    const double ties = p.about.dtype == DType::bfloat16 ? 1e-6 : 0;
    EXPECT_LE(ours, p.about.error * (1 + ties))
        << name(p.about.dtype) << ", " << p.about.inputs << " inputs, " << p.about.rows << " rows";
  }
}

}  // namespace
}  // namespace typecase::cpu
