#include "decode/processors/no_repeat_ngram.h"

#include "decode/cut.h"

#include <algorithm>

namespace typecase {
namespace {

/// Cuts what follows `context` anywhere in `text`.
void cut_continuations(std::span<float> scores, std::span<const TokenId> text,
                       std::span<const TokenId> context) {
  for (std::size_t at = 0; at + context.size() < text.size(); ++at) {
    const TokenId next = text[at + context.size()];
    if (!std::equal(context.begin(), context.end(), text.begin() + static_cast<std::ptrdiff_t>(at)))
      continue;
    if (next >= 0 && static_cast<std::size_t>(next) < scores.size()) {
      scores[static_cast<std::size_t>(next)] = kCut;
    }
  }
}

}  // namespace

void NoRepeatNgram::apply(std::span<float> scores, const ScoreRow& row) {
  if (row.ids.size() >= n_) cut_continuations(scores, row.ids, row.ids.last(n_ - 1));
}

void EncoderNoRepeatNgram::apply(std::span<float> scores, const ScoreRow& row) {
  if (row.ids.size() + 1 < n_) return;
  cut_continuations(scores, prompts_.at(row.prompt), row.ids.last(n_ - 1));
}

}  // namespace typecase
