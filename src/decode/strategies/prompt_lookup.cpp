#include "decode/strategies/prompt_lookup.h"

#include "decode/strategies/rows.h"

#include <algorithm>
#include <limits>

namespace typecase {

/// How many of `tokens` the processors let pass, tried on logits that are all 1.
std::size_t PromptLookup::allowed(const Tokens& ids, std::span<const TokenId> tokens) const {
  std::vector<Tokens> text{ids};
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::vector<float> scores(vocabulary_, 1.0f);
    process(processors_, scores, text, 1);
    const float score = scores.at(static_cast<std::size_t>(tokens[i]));
    if (score <= std::numeric_limits<float>::lowest()) return i;
    text[0].push_back(tokens[i]);
  }
  return tokens.size();
}

Draft PromptLookup::draft(const Tokens& ids) {
  const std::size_t length = ids.size();
  if (config_.max_length == length + 1) return {};
  const std::size_t end = std::min(length, config_.max_length);
  for (std::size_t n = std::min(config_.max_matching_ngram_size, length - 1); n > 0; --n) {
    const auto last = std::span(ids).last(n);
    for (std::size_t start = n; start < end; ++start) {
      if (!std::equal(last.begin(), last.end(), std::span(ids).subspan(start - n).begin()))
        continue;
      const std::size_t count = std::min(*config_.prompt_lookup_num_tokens, end - start);
      auto found = std::span(ids).subspan(start, count);
      found = found.first(allowed(ids, found));
      if (found.empty()) continue;
      const auto& eos = config_.eos_token_id;
      const auto stop = std::find_first_of(found.begin(), found.end(), eos.begin(), eos.end());
      return {.tokens = {found.begin(), stop}, .scores = {}};
    }
  }
  return {};
}

}  // namespace typecase
