#include "decode/processors/occurrence_penalties.h"

#include <algorithm>

namespace typecase {

void OccurrencePenalties::apply(std::span<float> scores, const ScoreRow& row) {
  const auto generated = row.ids.subspan(std::min(prompt_length_, row.ids.size()));
  Tokens sorted(generated.begin(), generated.end());
  std::sort(sorted.begin(), sorted.end());
  for (auto run = sorted.begin(); run != sorted.end();) {
    const auto end = std::upper_bound(run, sorted.end(), *run);
    const auto id = static_cast<std::size_t>(*run);
    const double penalty = static_cast<double>(end - run) * frequency_ + presence_;
    if (*run >= 0 && id < scores.size()) scores[id] -= static_cast<float>(penalty);
    run = end;
  }
}

}  // namespace typecase
