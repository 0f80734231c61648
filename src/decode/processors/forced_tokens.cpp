#include "decode/processors/forced_tokens.h"

#include "decode/cut.h"
#include "decode/field_reader.h"

#include <algorithm>

namespace typecase {

void ForcedTokens::apply(std::span<float> scores, const ScoreRow& row) {
  if (row.ids.size() != length_) return;
  std::fill(scores.begin(), scores.end(), kCut);
  for (const TokenId id : forced_) {
    if (id < 0 || static_cast<std::size_t>(id) >= scores.size()) {
      refuse_field(name_, "token " + std::to_string(id) + " is not in the vocabulary of " +
                              std::to_string(scores.size()) + " tokens");
    }
    scores[static_cast<std::size_t>(id)] = 0;
  }
}

}  // namespace typecase
