#include "decode/warpers/xtc.h"

#include "decode/cut.h"
#include "decode/softmax.h"

#include <vector>

namespace typecase {

void Xtc::apply(std::span<float> scores, const ScoreRow&) {
  if (static_cast<double>(random_.uniform()) >= probability_) return;
  std::vector<float> p(scores.size());
  softmax(scores, p);
  std::size_t stays = p.size();  // the least probable of the top choices; of equals the last
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] >= threshold_ && (stays == p.size() || p[i] <= p[stays])) stays = i;
  }
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] >= threshold_ && i != stays) scores[i] = kCut;
  }
}

}  // namespace typecase
