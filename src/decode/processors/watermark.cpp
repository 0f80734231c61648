#include "decode/processors/watermark.h"

#include "decode/order.h"

#include <algorithm>
#include <limits>

namespace typecase {
namespace {

constexpr std::int64_t kTable = 1000003;
constexpr std::size_t kCandidates = 40;

/// a · b in 64 bits, wrapping around.
std::int64_t wrapping(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

}  // namespace

Watermark::Watermark(const Watermarking& config, std::size_t vocabulary)
    : config_(config), vocabulary_(static_cast<std::int64_t>(vocabulary)) {
  if (config.selfhash) table_ = Generator(config.hashing_key).randperm(kTable);
}

std::int64_t Watermark::seed_of(std::span<const TokenId> text) const {
  if (!config_.selfhash) return wrapping(config_.hashing_key, text.back());
  const auto entry = [this](TokenId id) {
    return table_[static_cast<std::size_t>(id) % kTable] + 1;
  };
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (const TokenId id : text.last(std::min(text.size(), config_.context_width))) {
    const std::int64_t a = wrapping(config_.hashing_key, entry(id));
    least = std::min(least, wrapping(a, entry(text.back())));
  }
  return least;
}

std::vector<std::int64_t> Watermark::greenlist(std::span<const TokenId> text) {
  // Seeds are taken modulo 2⁶⁴ − 1: a negative one moves down by one (mod 2⁶⁴).
  const std::int64_t seed = seed_of(text);
  random_.seed(seed < 0 ? seed - 1 : seed);
  auto out = random_.randperm(vocabulary_);
  out.resize(static_cast<std::size_t>(static_cast<double>(vocabulary_) * config_.greenlist_ratio));
  return out;
}

std::vector<std::int64_t> Watermark::green_candidates(std::span<const float> scores,
                                                      std::span<const TokenId> text) {
  const auto order = sorted_descending(scores);
  Tokens with_candidate(text.begin(), text.end());
  with_candidate.push_back(0);
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < std::min(kCandidates, order.size()); ++i) {
    with_candidate.back() = order[i].index;
    const auto green = greenlist(with_candidate);
    if (std::find(green.begin(), green.end(), order[i].index) != green.end()) {
      out.push_back(order[i].index);
    }
  }
  return out;
}

void Watermark::apply(std::span<float> scores, const ScoreRow& row) {
  if (row.ids.size() < config_.context_width) return;
  const auto green = config_.selfhash ? green_candidates(scores, row.ids) : greenlist(row.ids);
  for (const std::int64_t id : green) {
    if (static_cast<std::size_t>(id) < scores.size()) {
      scores[static_cast<std::size_t>(id)] += static_cast<float>(config_.bias);
    }
  }
}

}  // namespace typecase
