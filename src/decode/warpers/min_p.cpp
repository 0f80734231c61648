#include "decode/warpers/min_p.h"

#include "decode/cut.h"
#include "decode/order.h"
#include "decode/scan.h"
#include "decode/softmax.h"

#include <algorithm>
#include <vector>

namespace typecase {

void MinP::apply(std::span<float> scores, const ScoreRow&) {
  if (scores.empty()) return;
  e_.resize(scores.size());
  const float scale = 1.0f / exponentials(scores, e_).sum;  // the greatest probability, as e⁰ = 1
  const float least = min_p_ * scale;
  const auto stays = [&](float e) { return !(e * scale < least); };
  const bool few =
      keep_ > 1 && static_cast<std::size_t>(std::count_if(e_.begin(), e_.end(), stays)) < keep_;
  if (few) return keep_most_probable(scores);
  cut_below(scores, e_, scale, least);
}

/// Fewer reach the limit than must stay: which of equal ones do is the order of topk().
void MinP::keep_most_probable(std::span<float> scores) const {
  std::vector<float> p(scores.size()), out(scores.size(), kCut);
  softmax(scores, p);
  for (const Ranked& r : topk(p, std::min(keep_, p.size()))) {
    const auto at = static_cast<std::size_t>(r.index);
    out[at] = scores[at];
  }
  std::copy(out.begin(), out.end(), scores.begin());
}

}  // namespace typecase
