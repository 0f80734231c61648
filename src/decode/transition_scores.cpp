#include "decode/transition_scores.h"

#include "base/checked.h"
#include "decode/softmax.h"

#include <algorithm>

namespace typecase {
namespace {

/// Which row of each step a sequence came from; −1 behind its end.
std::vector<std::int32_t> origins_of(const DecodeOutput& out, std::size_t row, std::size_t steps) {
  if (!out.beam_indices.empty()) return out.beam_indices.at(row);
  return std::vector<std::int32_t>(steps, static_cast<std::int32_t>(row));
}

}  // namespace

std::vector<std::vector<float>> transition_scores(const DecodeOutput& out, bool normalize) {
  std::size_t longest = 0;
  for (std::size_t i = 0; i < out.sequences.size(); ++i) {
    const auto origins = origins_of(out, i, out.scores.size());
    const auto generated =
        std::count_if(origins.begin(), origins.end(), [](int o) { return o >= 0; });
    longest = std::max(longest, static_cast<std::size_t>(generated));
  }
  TYPECASE_CHECK(longest <= out.scores.size());
  std::vector<std::vector<float>> result;
  for (std::size_t i = 0; i < out.sequences.size(); ++i) {
    const auto origins = origins_of(out, i, out.scores.size());
    const Tokens& ids = out.sequences[i];
    std::vector<float> row(longest, 0.0f);
    for (std::size_t t = 0; t < longest; ++t) {
      if (origins[t] < 0) continue;
      std::vector<float> scores = out.scores[t].at(static_cast<std::size_t>(origins[t]));
      if (normalize) log_softmax(scores, scores);
      row[t] = scores.at(static_cast<std::size_t>(ids[ids.size() - longest + t]));
    }
    result.push_back(std::move(row));
  }
  return result;
}

}  // namespace typecase
