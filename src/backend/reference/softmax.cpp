#include "backend/reference/softmax.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace typecase::reference {
namespace {

constexpr float kMinusInf = -std::numeric_limits<float>::infinity();
constexpr float kNoNumber = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kBlock = 512;

bool are_numbers(std::span<const float> scores) {
  return std::none_of(scores.begin(), scores.end(), [](float s) { return std::isnan(s); });
}

}  // namespace

std::vector<float> softmax(std::span<const float> scores, const float* sink, Rounding r) {
  if (!are_numbers(scores)) return std::vector<float>(scores.size(), kNoNumber);
  float top = sink != nullptr ? *sink : kMinusInf;
  for (const float s : scores) top = std::max(top, s);
  std::vector<float> p(scores.size(), 0.0f);
  if (top == kMinusInf) return p;
  double sum = sink != nullptr ? std::exp(double{*sink} - double{top}) : 0.0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    p[i] = std::exp(scores[i] - top);
    sum += double{p[i]};
  }
  for (float& v : p) v = r(double{v} / sum);
  return p;
}

float approximate_exp(float x) noexcept {
  if (x < -87.33654f) return 0;
  float t = x * std::bit_cast<float>(0x3fb8aa3bu);
  const float f = t - std::floor(t);
  const float cubic = std::fma(
      f,
      std::fma(f, std::fma(f, -0.079204240219773236f, -0.22433836478672356f), 0.30354260500649682f),
      0.00010703434948458272f);
  t -= cubic;
  const float bits = std::nearbyint(std::fma(8388608.0f, t, 1065353216.0f));
  return std::bit_cast<float>(static_cast<std::int32_t>(bits));
}

void fused_attention(const Weighted& w, std::span<float> out, const float* sink, Rounding r) {
  if (!are_numbers(w.scores)) return std::fill(out.begin(), out.end(), kNoNumber);
  const bool exact = r.dtype == DType::float32;
  const auto exp = [&](float x) { return exact ? std::exp(x) : approximate_exp(x); };
  float top = kMinusInf;
  double sum = 0;
  std::vector<double> acc(out.size(), 0.0);
  for (std::size_t begin = 0; begin < w.scores.size(); begin += kBlock) {
    const auto block = w.scores.subspan(begin, std::min(kBlock, w.scores.size() - begin));
    const float block_top = *std::max_element(block.begin(), block.end());
    const float new_top = std::max(top, block_top);
    if (new_top == kMinusInf) continue;
    const double keep = top == kMinusInf ? 0.0 : double{std::exp(top - new_top)};
    sum *= keep;
    for (double& a : acc) a *= keep;
    for (std::size_t i = 0; i < block.size(); ++i) {
      if (block[i] == kMinusInf) continue;
      const float e = exp(block[i] - new_top);
      sum += double{e};
      const float* v = w.values + (begin + i) * w.stride;
      for (std::size_t d = 0; d < out.size(); ++d) acc[d] += double{r(e)} * double{v[d]};
    }
    top = new_top;
  }
  if (sink != nullptr) sum += std::exp(double{*sink} - double{top});
  for (std::size_t d = 0; d < out.size(); ++d) out[d] = sum > 0 ? r(acc[d] / sum) : 0.0f;
}

}  // namespace typecase::reference
