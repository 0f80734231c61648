/// The matrix kernels' distance from exact products is no larger than PyTorch's on the same data.
#include "backend/cpu/amx_in_software.h"
#include "backend/cpu/packed.h"
#include "backend/cpu/quads.h"
#include "backend/cpu/row_forms.h"
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

/// hashes() of tools/record_matrix_errors.py.
std::uint32_t hash(std::uint64_t which, std::size_t i) {
  std::uint64_t h = i + (which << 32);
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9u;
  h = (h ^ (h >> 27)) * 0x94D049BB133111EBu;
  h ^= h >> 31;
  return static_cast<std::uint32_t>(h >> 40);
}

/// Its numbers(), rounded to `dtype`.
std::vector<float> numbers(std::uint64_t which, std::size_t count, DType dtype) {
  constexpr float kScale = 1 << 23;
  std::vector<float> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = round_to(dtype, (static_cast<float>(hash(which, i)) - kScale) / kScale);
  }
  return out;
}

/// Weights as a file holds them: those numbers, or the blocks that its dequantised() stands for.
std::vector<std::byte> stored_weights(DType dtype, std::size_t count) {
  const auto& t = traits(dtype);
  std::vector<std::byte> out;
  const auto put = [&](auto value) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    out.insert(out.end(), bytes, bytes + sizeof value);
  };
  if (!is_quantised(dtype)) {
    for (const float w : numbers(2, count, dtype)) {
      dtype == DType::float32 ? put(w) : put(float_to_bfloat16(w));
    }
    return out;
  }
  for (std::size_t i = 0; i < count; i += t.block_size) {
    const float scale = 1 + static_cast<float>(hash(3, i / t.block_size) % 1024) / 1024;
    if (dtype == DType::q8_0) {
      put(float_to_float16(scale / 128));
      for (std::size_t k = 0; k < 32; ++k) put(static_cast<std::uint8_t>(hash(2, i + k) ^ 128));
    } else {
      put(float_to_float16(scale / 8));
      put(float_to_float16(scale - 3));
      for (std::size_t k = 0; k < 16; ++k) {
        put(static_cast<std::uint8_t>(hash(2, i + k) % 16 | hash(2, i + 16 + k) % 16 << 4));
      }
    }
  }
  return out;
}

/// A line of tests/golden/matrix_errors.csv.
struct Recorded {
  DType dtype = DType::float32;   ///< of the rows
  DType stored = DType::float32;  ///< of the weights
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
    r.stored = dtype == "q8_0" ? DType::q8_0 : dtype == "q4_1" ? DType::q4_1 : r.dtype;
    out.push_back(r);
  }
  return out;
}

/// One of those products, and what it is exactly.
struct Product {
  explicit Product(const Recorded& r)
      : about(r),
        x(numbers(1, static_cast<std::size_t>(r.rows * r.inputs), r.dtype)),
        weights("w", r.stored, Shape{kOutputs, r.inputs},
                stored_weights(r.stored, static_cast<std::size_t>(kOutputs * r.inputs))) {
    const auto n = static_cast<std::size_t>(r.inputs);
    const std::vector<float> w = to_float32(weights.tensor());
    for (std::size_t row = 0; row < static_cast<std::size_t>(r.rows); ++row) {
      for (std::size_t o = 0; o < kOutputs; ++o) {
        double sum = 0;
        for (std::size_t k = 0; k < n; ++k) sum += double{x[row * n + k]} * double{w[o * n + k]};
        exact.push_back(sum);
      }
    }
  }

  Recorded about;
  std::vector<float> x;
  Storage weights;
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
  const Matrix matrix{.stored = p.weights.tensor()};
  const bool quads = tested_kernels(level).pack_quads != nullptr;
  PackedMatrix packed = plan_packing(matrix, dtype, {.quads = quads});
  std::vector<std::byte> data(packed.bytes());
  packed.data = data.data();
  pack_panels(matrix, packed, 0, packed.panels());

  const auto rows = static_cast<std::size_t>(p.about.rows);
  std::vector<float> out(rows * kOutputs), scratch(kScratch),
      pairs(rows *
            row_stride(row_form(tested_kernels(level), packed, dtype, false), p.about.inputs));
  MultiplyTask task{.matrix = &packed, .x = p.x.data()};
  task.x_stride = static_cast<std::size_t>(p.about.inputs);
  task.rows = p.about.rows;
  task.out = out.data();
  task.out_stride = kOutputs;
  task.last = packed.panels();
  task.scratch = scratch.data();
  task.row_scratch = pairs.data();
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
  ASSERT_EQ(products().size(), 40u);
  for (const Product& p : products()) {
    const double ours = error(multiplied(GetParam(), p), p.exact);
    // In bfloat16 the error is that of rounding the result, the same for both but where an exact
    // product lies within float32's error of a tie: there either may be the one that is right.
    const double ties = p.about.dtype == DType::bfloat16 ? 1e-6 : 0;
    EXPECT_LE(ours, p.about.error * (1 + ties))
        << name(p.about.stored) << ", " << p.about.inputs << " inputs, " << p.about.rows << " rows";
  }
}

}  // namespace
}  // namespace typecase::cpu
