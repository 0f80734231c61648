#include "decode/warpers/min_p.h"

#include "decode/cut.h"
#include "decode/order.h"
#include "decode/softmax.h"

#include <algorithm>
#include <vector>

namespace typecase {

void MinP::apply(std::span<float> scores, const ScoreRow&) {
  std::vector<float> p(scores.size());
  softmax(scores, p);
  std::vector<float> stay;
  const auto best = topk(p, std::min(keep_, p.size()));
  for (const Ranked& r : best) stay.push_back(scores[static_cast<std::size_t>(r.index)]);

  const float least = min_p_ * (best.empty() ? 0.0f : best.front().value);
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] < least) scores[i] = kCut;
  }
  for (std::size_t i = 0; i < best.size(); ++i) {
    scores[static_cast<std::size_t>(best[i].index)] = stay[i];
  }
}

}  // namespace typecase
