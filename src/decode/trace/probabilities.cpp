#include "decode/trace/probabilities.h"

#include "decode/cut.h"

#include <algorithm>
#include <cmath>

namespace typecase {

std::vector<double> probabilities_of(std::span<const float> scores) {
  std::vector<double> p(scores.size(), 0);
  const float highest = scores.empty() ? kCut : *std::max_element(scores.begin(), scores.end());
  if (!std::isfinite(highest)) return p;
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (scores[i] == kCut) continue;
    p[i] = std::exp(static_cast<double>(scores[i]) - static_cast<double>(highest));
    sum += p[i];
  }
  for (double& x : p) x /= sum;
  return p;
}

double entropy_of(std::span<const double> p) {
  double h = 0;
  for (const double x : p) {
    if (x > 0) h -= x * std::log(x);
  }
  return h;
}

std::vector<trace::Candidate> top_candidates(std::span<const float> scores,
                                             std::span<const double> p, std::size_t count) {
  std::vector<TokenId> ids;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] > kCut) ids.push_back(static_cast<TokenId>(i));  // no NaN: it has no place
  }
  const auto at = [&](TokenId id) { return scores[static_cast<std::size_t>(id)]; };
  count = std::min(count, ids.size());
  std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count), ids.end(),
                    [&](TokenId a, TokenId b) { return at(a) != at(b) ? at(a) > at(b) : a < b; });
  std::vector<trace::Candidate> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(
        {.id = ids[i], .score = at(ids[i]), .probability = p[static_cast<std::size_t>(ids[i])]});
  }
  return out;
}

}  // namespace typecase
