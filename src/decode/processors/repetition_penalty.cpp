#include "decode/processors/repetition_penalty.h"

#include <algorithm>

namespace typecase {
namespace {

void penalise(std::span<float> scores, std::span<const TokenId> ids, float penalty) {
  Tokens distinct(ids.begin(), ids.end());
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  for (const TokenId id : distinct) {
    if (id < 0 || static_cast<std::size_t>(id) >= scores.size()) continue;
    float& s = scores[static_cast<std::size_t>(id)];
    s = s < 0 ? s * penalty : s / penalty;
  }
}

}  // namespace

void RepetitionPenalty::apply(std::span<float> scores, const ScoreRow& row) {
  penalise(scores, row.ids.subspan(std::min(padding_.at(row.prompt), row.ids.size())), penalty_);
}

void EncoderRepetitionPenalty::apply(std::span<float> scores, const ScoreRow& row) {
  penalise(scores, prompts_.at(row.prompt), penalty_);
}

}  // namespace typecase
