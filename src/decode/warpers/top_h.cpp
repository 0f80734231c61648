#include "decode/warpers/top_h.h"

#include "decode/cut.h"
#include "decode/entropy.h"
#include "decode/order.h"
#include "decode/softmax.h"

#include <algorithm>

namespace typecase {

void TopH::apply(std::span<float> scores, const ScoreRow&) {
  constexpr std::size_t kCandidates = 100;
  const auto best = topk(scores, std::min(kCandidates, scores.size()));
  std::vector<float> logits(best.size()), p(best.size());
  for (std::size_t i = 0; i < best.size(); ++i) logits[i] = best[i].value;
  const float limit = entropy(logits) * h_;
  const float norm = log_sum_exp(logits);
  std::transform(logits.begin(), logits.end(), p.begin(), [norm](float x) { return x - norm; });
  softmax(p, p);

  std::fill(scores.begin(), scores.end(), kCut);
  double sum = 0;
  for (std::size_t i = 0; i < best.size(); ++i) {
    // A term with p = 0 is NaN here, as there, and so is every sum after it: not kept.
    sum += static_cast<double>(-p[i] * log_of(p[i]));
    if (i == 0 || static_cast<float>(sum) <= limit) {
      scores[static_cast<std::size_t>(best[i].index)] = best[i].value;
    }
  }
}

}  // namespace typecase
