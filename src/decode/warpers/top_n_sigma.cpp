#include "decode/warpers/top_n_sigma.h"

#include "decode/cut.h"

#include <algorithm>
#include <cmath>

namespace typecase {

void TopNSigma::apply(std::span<float> scores, const ScoreRow&) {
  double count = 0;
  double sum = 0;
  float best = kCut;
  for (const float s : scores) {
    if (s == kCut) continue;
    ++count;
    sum += static_cast<double>(s);
    best = std::max(best, s);
  }
  if (count == 0) return;
  const double mean = sum / count;
  double squares = 0;
  for (const float s : scores) {
    if (s != kCut) squares += (static_cast<double>(s) - mean) * (static_cast<double>(s) - mean);
  }
  const double least = static_cast<double>(best) - n_ * std::sqrt(squares / count);
  for (float& s : scores) {
    if (static_cast<double>(s) < least) s = kCut;
  }
}

}  // namespace typecase
