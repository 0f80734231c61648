#include "decode/warpers/top_p.h"

#include "decode/cut.h"
#include "decode/order.h"
#include "decode/scan.h"
#include "decode/softmax.h"

#include <cmath>
#include <vector>

namespace typecase {

void TopP::apply(std::span<float> scores, const ScoreRow&) {
  if (scores.empty()) return;
  const auto least = nucleus_.least_kept(scores, rest_, keep_);
  if (count_ != nullptr) {
    ++count_->rows;
    count_->sorted += least ? 0 : 1;
  }
  if (least) return cut_below(scores, *least);
  if (!apply_by_threshold(scores)) apply_by_sorting(scores);
}

void TopP::apply_by_sorting(std::span<float> scores) const {
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

/// The same with a sort, but without indices. Scores of −∞ add nothing to any sum and are cut
/// already, so only the others are sorted, at the places they would have in the whole row; the
/// sums, and with them the number of scores to cut, are those of the definition. If the last one
/// cut is smaller than the first one kept, the cut is the set of smaller scores whatever the order
/// among equals. False, and nothing changed, when they are equal or a score is NaN.
bool TopP::apply_by_threshold(std::span<float> scores) {
  auto& values = values_;
  auto& p = p_;
  values.clear();
  for (const float s : scores) {
    if (std::isnan(s)) return false;
    if (s != kCut) values.push_back(s);
  }
  if (values.empty()) return true;
  sorter_.sort(values);
  p.resize(values.size());
  softmax(values, p, scores.size() - values.size());
  double sum = 0;
  std::size_t cut = 0;
  for (; cut + keep_ < values.size(); ++cut) {
    sum += static_cast<double>(p[cut]);
    if (!(static_cast<float>(sum) <= rest_)) break;  // sums never fall: all that follow stay
  }
  if (cut == 0) return true;
  if (values[cut - 1] == values[cut]) return false;
  for (float& s : scores) {
    if (s < values[cut]) s = kCut;
  }
  return true;
}

}  // namespace typecase
