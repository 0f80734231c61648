#include "decode/warpers/typical.h"

#include "decode/cut.h"
#include "decode/entropy.h"
#include "decode/order.h"
#include "decode/softmax.h"

#include <algorithm>
#include <cmath>

namespace typecase {

void Typical::apply(std::span<float> scores, const ScoreRow&) {
  const std::size_t n = scores.size();
  std::vector<float> log_p(n), distance(n), mass(n);
  log_softmax(scores, log_p);
  for (std::size_t i = 0; i < n; ++i) {
    const float term = log_p[i] * exp_of(log_p[i]);
    distance[i] = std::isnan(term) ? 0.0f : term;  // p = 0 adds nothing
  }
  const float h = -torch_sum(distance);
  for (std::size_t i = 0; i < n; ++i) distance[i] = std::abs(-log_p[i] - h);

  const auto order = sorted_ascending(distance);
  for (std::size_t i = 0; i < n; ++i) mass[i] = scores[static_cast<std::size_t>(order[i].index)];
  softmax(mass, mass);
  double sum = 0;
  std::size_t last = 0;
  for (const float p : mass) {
    sum += static_cast<double>(p);
    if (static_cast<float>(sum) < mass_) ++last;
  }
  const float farthest = order[std::min(last, n - 1)].value;
  for (std::size_t i = keep_; i < n; ++i) {
    if (order[i].value > farthest) scores[static_cast<std::size_t>(order[i].index)] = kCut;
  }
}

}  // namespace typecase
