#include "decode/warpers/mirostat.h"

#include "decode/cut.h"
#include "decode/order.h"
#include "decode/softmax.h"

#include <algorithm>
#include <cmath>

namespace typecase {

void Mirostat::learn(State& state, TokenId drawn) const {
  const auto at = std::lower_bound(state.left.begin(), state.left.end(), std::pair(drawn, 0.0f));
  if (at == state.left.end() || at->first != drawn || !(at->second > 0)) return;
  state.mu -= eta_ * (-std::log2(static_cast<double>(at->second)) - tau_);
}

void Mirostat::apply(std::span<float> scores, const ScoreRow& row) {
  if (rows_.size() <= row.index) rows_.resize(row.index + 1, {.mu = 2 * tau_, .left = {}});
  State& state = rows_[row.index];
  if (!row.ids.empty()) learn(state, row.ids.back());
  state.left.clear();

  std::vector<float> p(scores.size());
  softmax(scores, p);
  const auto best = static_cast<std::size_t>(argmax(p));
  const double least = std::exp2(-state.mu);  // −log₂ p > μ  ⇔  p < 2^−μ
  double mass = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (i != best && static_cast<double>(p[i]) < least) {
      scores[i] = kCut;
    } else if (scores[i] != kCut) {
      state.left.emplace_back(static_cast<TokenId>(i), p[i]);
      mass += static_cast<double>(p[i]);
    }
  }
  for (auto& [id, q] : state.left) q = static_cast<float>(static_cast<double>(q) / mass);
}

}  // namespace typecase
