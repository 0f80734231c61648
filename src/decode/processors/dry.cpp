#include "decode/processors/dry.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace typecase {
namespace {

constexpr std::size_t kLongest = 50;

}  // namespace

Dry::Dry(Options options, std::vector<std::size_t> padding)
    : options_(std::move(options)), padding_(std::move(padding)) {
  std::sort(options_.sequence_breakers.begin(), options_.sequence_breakers.end());
}

bool Dry::breaks(TokenId id) const {
  const Tokens& all = options_.sequence_breakers;
  return std::binary_search(all.begin(), all.end(), id);
}

/// How many tokens before `end` equal the row's last ones, up to a breaker.
std::size_t Dry::match_length(std::span<const TokenId> ids, std::size_t end) const {
  std::size_t n = 0;
  while (n < std::min(end, kLongest) && ids[end - 1 - n] == ids[ids.size() - 1 - n] &&
         !breaks(ids[end - 1 - n])) {
    ++n;
  }
  return n;
}

void Dry::apply(std::span<float> scores, const ScoreRow& row) {
  const auto ids = row.ids.subspan(std::min(padding_.at(row.prompt), row.ids.size()));
  std::map<TokenId, std::size_t> longest;
  for (std::size_t next = 1; next < ids.size(); ++next) {
    if (ids[next - 1] != ids.back() || breaks(ids[next])) continue;
    std::size_t& n = longest[ids[next]];
    n = std::max(n, match_length(ids, next));
  }
  for (const auto& [id, n] : longest) {
    if (n < options_.allowed_length || id < 0) continue;
    if (static_cast<std::size_t>(id) >= scores.size()) continue;
    const auto beyond = static_cast<double>(n - options_.allowed_length);
    scores[static_cast<std::size_t>(id)] -=
        static_cast<float>(options_.multiplier * std::pow(options_.base, beyond));
  }
}

}  // namespace typecase
