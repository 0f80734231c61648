#include "decode/processors/prefix_allowed_tokens.h"

#include "decode/cut.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase {

std::vector<float> PrefixAllowedTokens::mask_of(std::size_t vocabulary, const ScoreRow& row) const {
  const std::size_t prompt = row.index / num_beams_;
  const Tokens allowed = allowed_(prompt, row.ids);
  if (allowed.empty()) {
    throw Error(Code::invalid_argument, "prefix_allowed_tokens_fn allows no token after prompt " +
                                            std::to_string(prompt) + " of the batch");
  }
  std::vector<float> mask(vocabulary, kCut);
  for (const TokenId id : allowed) {
    if (id < 0 || static_cast<std::size_t>(id) >= vocabulary) {
      throw Error(Code::invalid_argument, "prefix_allowed_tokens_fn allows token " +
                                              std::to_string(id) +
                                              ", which is not in the vocabulary");
    }
    mask[static_cast<std::size_t>(id)] = 0;
  }
  return mask;
}

void PrefixAllowedTokens::apply(std::span<float> scores, const ScoreRow& row) {
  apply_all(scores, {&row, 1});
}

void PrefixAllowedTokens::apply_all(std::span<float> scores, std::span<const ScoreRow> rows) {
  const std::size_t v = scores.size() / rows.size();
  for (std::size_t first = 0; first < rows.size(); first += num_beams_) {
    const std::size_t beams = std::min(num_beams_, rows.size() - first);
    std::vector<float> masks;
    for (std::size_t b = 0; b < beams; ++b) {
      const auto mask = mask_of(v, rows[first + b]);
      masks.insert(masks.end(), mask.begin(), mask.end());
    }
    const auto group = scores.subspan(first * v, beams * v);
    for (std::size_t i = 0; i < group.size(); ++i) group[i] += masks[i];
    const bool nothing_left =
        std::all_of(group.begin(), group.end(), [](float s) { return s == kCut; });
    if (nothing_left) std::copy(masks.begin(), masks.end(), group.begin());
  }
}

}  // namespace typecase
