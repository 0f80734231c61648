#include "decode/warpers/top_p.h"

#include "decode/cut.h"
#include "decode/order.h"
#include "decode/softmax.h"

#include <algorithm>
#include <vector>

namespace typecase {

void TopP::apply(std::span<float> scores, const ScoreRow&) {
  const auto order = sorted_ascending(scores);
  std::vector<float> p(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) p[i] = order[i].value;
  softmax(p, p);
  double sum = 0;
  for (std::size_t i = 0; i + keep_ < order.size(); ++i) {
    sum += static_cast<double>(p[i]);
    if (static_cast<float>(sum) <= rest_) scores[static_cast<std::size_t>(order[i].index)] = kCut;
  }
}

}  // namespace typecase
