#include "decode/strategies/row_faults.h"

#include "decode/cut.h"

#include <algorithm>
#include <cmath>

namespace typecase {
namespace {

/// What is wrong with a row; nullptr: nothing.
const char* fault(std::span<const float> scores, bool do_sample) {
  bool nan = false;
  float best = kCut;
  for (const float s : scores) {
    nan = nan || std::isnan(s);
    best = std::max(best, s);
  }
  if (nan) return "the logits of this row have become NaN";
  if (best == kCut) return "every token is forbidden for this row";
  if (do_sample && best == -kCut) return "a score of this row is infinite: it cannot be sampled";
  return nullptr;
}

}  // namespace

void end_failed_rows(std::span<float> scores, bool do_sample, std::vector<bool>& alive,
                     std::vector<std::optional<Error>>& errors) {
  const std::size_t rows = alive.size();
  const std::size_t v = scores.size() / rows;
  errors.resize(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto row = scores.subspan(i * v, v);
    const char* found = fault(row, do_sample);
    if (alive[i] && found == nullptr) continue;
    if (alive[i]) errors[i].emplace(Code::failed, found);
    alive[i] = false;
    std::fill(row.begin(), row.end(), 0.0f);
  }
}

}  // namespace typecase
