#include "backend/reference/norm.h"

#include <cmath>

namespace typecase::reference {

NormOp::NormOp(const Norm& norm, Rounding r)
    : r_(r),
      kind_(norm.kind),
      rounding_(norm.rounding),
      eps_(norm.eps),
      weight_(load(norm.weight, r)),
      bias_(load(norm.bias, r)) {}

Table NormOp::operator()(Table x) const {
  if (empty()) return x;
  const std::size_t piece = weight_.empty() ? x.columns : weight_.size();
  for (std::size_t at = 0; at < x.values.size(); at += piece) {
    apply({x.values.data() + at, piece});
  }
  return x;
}

void NormOp::apply(std::span<float> x) const { kind_ == Norm::Kind::layer ? layer(x) : rms(x); }

void NormOp::layer(std::span<float> x) const {
  double mean = 0, variance = 0;
  for (const float v : x) mean += v;
  mean /= static_cast<double>(x.size());
  for (const float v : x) variance += (v - mean) * (v - mean);
  variance /= static_cast<double>(x.size());
  const double rstd = 1 / std::sqrt(variance + double{eps_});
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double w = weight_.empty() ? 1.0 : double{weight_[i]};
    const double b = bias_.empty() ? 0.0 : double{bias_[i]};
    x[i] = r_((x[i] - mean) * rstd * w + b);
  }
}

void NormOp::rms(std::span<float> x) const {
  double squares = 0;
  for (const float v : x) squares += double{v} * double{v};
  const auto mean = static_cast<float>(squares / static_cast<double>(x.size()));
  const float scale = 1 / std::sqrt(mean + eps_);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float normed = x[i] * scale;
    const float w = weight_.empty() ? 1.0f : weight_[i];
    switch (rounding_) {
      case Norm::Rounding::rounded_twice:
        x[i] = r_(w * r_(normed));
        break;
      case Norm::Rounding::rounded_once:
        x[i] = r_(w * normed);
        break;
      case Norm::Rounding::one_plus_weight:
        x[i] = r_(normed * (1 + w));
        break;
    }
  }
}

}  // namespace typecase::reference
