#include "decode/entropy.h"

#include "decode/softmax.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace typecase {
namespace {

constexpr std::size_t kWidth = 8;   // floats of a vector
constexpr std::size_t kRows = 4;    // vectors added side by side
constexpr std::size_t kLevels = 4;  // partial sums of partial sums

using Block = std::array<float, kWidth * kRows>;

void add(Block& to, const float* from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

/// The sum of `blocks` whole blocks, lane by lane.
Block cascade(const float* x, std::size_t blocks) {
  const auto log2 = static_cast<std::size_t>(blocks < 2 ? 0 : std::bit_width(blocks - 1));
  const std::size_t power = std::max<std::size_t>(4, log2 / kLevels);
  const std::size_t step = std::size_t{1} << power;
  std::array<Block, kLevels> level{};
  std::size_t i = 0;
  while (i + step <= blocks) {
    for (std::size_t j = 0; j < step; ++j, ++i) add(level[0], x + i * level[0].size());
    for (std::size_t l = 1; l < kLevels; ++l) {
      add(level[l], level[l - 1].data());
      level[l - 1].fill(0);
      if ((i & ((step - 1) << (l * power))) != 0) break;
    }
  }
  for (; i < blocks; ++i) add(level[0], x + i * level[0].size());
  for (std::size_t l = 1; l < kLevels; ++l) add(level[0], level[l].data());
  return level[0];
}

}  // namespace

float torch_sum(std::span<const float> x) {
  const std::size_t vectors = x.size() / kWidth;
  const std::size_t blocks = vectors / kRows;
  Block sum = cascade(x.data(), blocks);
  for (std::size_t v = blocks * kRows; v < vectors; ++v) {
    for (std::size_t j = 0; j < kWidth; ++j) sum[j] += x[v * kWidth + j];
  }
  for (std::size_t row = 1; row < kRows; ++row) {
    for (std::size_t j = 0; j < kWidth; ++j) sum[j] += sum[row * kWidth + j];
  }
  float total = 0;
  for (std::size_t i = vectors * kWidth; i < x.size(); ++i) total += x[i];
  for (std::size_t j = 0; j < kWidth; ++j) total += sum[j];
  return total;
}

float exp_of(float x) { return static_cast<float>(std::exp(static_cast<double>(x))); }
float log_of(float x) { return static_cast<float>(std::log(static_cast<double>(x))); }

float log_sum_exp(std::span<const float> scores) {
  const float top = *std::max_element(scores.begin(), scores.end());
  const float shift = std::isinf(top) ? 0.0f : top;
  std::vector<float> e(scores.size());
  std::transform(scores.begin(), scores.end(), e.begin(),
                 [shift](float s) { return exp_of(s - shift); });
  return log_of(torch_sum(e)) + shift;
}

float entropy(std::span<const float> scores) {
  const float norm = log_sum_exp(scores);
  std::vector<float> log_p(scores.size()), terms(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) log_p[i] = scores[i] - norm;
  softmax(log_p, terms);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    terms[i] *= std::max(log_p[i], -std::numeric_limits<float>::max());
  }
  return -torch_sum(terms);
}

}  // namespace typecase
