#include "decode/warpers/cutoffs.h"

#include "decode/cut.h"
#include "decode/entropy.h"
#include "decode/order.h"
#include "decode/softmax.h"

#include <algorithm>
#include <cmath>

namespace typecase {
namespace {

void cut_below(std::span<float> scores, std::span<const float> p, float threshold,
               std::size_t keep) {
  const float stays = kth_greatest(scores, std::min(keep, scores.size()));
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (p[i] < threshold && scores[i] < stays) scores[i] = kCut;
  }
}

}  // namespace

void EpsilonCutoff::apply(std::span<float> scores, const ScoreRow&) {
  std::vector<float> p(scores.size());
  softmax(scores, p);
  cut_below(scores, p, epsilon_, keep_);
}

void EtaCutoff::apply(std::span<float> scores, const ScoreRow&) {
  std::vector<float> p(scores.size());
  softmax(scores, p);
  const float h = entropy(scores);
  const auto falling = static_cast<float>(std::exp(-static_cast<double>(h)));
  cut_below(scores, p, std::min(epsilon_, std::sqrt(epsilon_) * falling), keep_);
}

}  // namespace typecase
