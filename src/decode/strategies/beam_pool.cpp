#include "decode/strategies/beam_pool.h"

#include "decode/order.h"

#include <algorithm>
#include <cmath>

// Every score is a float32 and penalties are added one after the other, because −10⁹ swallows the
// low bits of what it is added to, and among the ties that this makes the reference's order counts.

namespace typecase {
namespace {

/// The `n` best by `scores`, in topk's order, with those scores.
std::vector<Hypothesis> best_of(const std::vector<Hypothesis>& all,
                                const std::vector<float>& scores, std::size_t n) {
  std::vector<Hypothesis> out;
  for (const Ranked& r : topk(scores, n)) {
    out.push_back(all[static_cast<std::size_t>(r.index)]);
    out.back().score = r.value;
  }
  return out;
}

}  // namespace

BeamPool::BeamPool(const Tokens& prompt, const EffectiveConfig& config) : config_(config) {
  Hypothesis start;
  start.ids = prompt;
  open_.assign(config.num_beams, start);
  pool_ = open_;
  open_.front().score = 0;  // the others are copies of it and must not win at the first step
}

float BeamPool::length_term(std::size_t generated) const {
  return static_cast<float>(std::pow(static_cast<double>(generated), config_.length_penalty));
}

bool BeamPool::all_finished() const {
  return std::all_of(pool_.begin(), pool_.end(), [](const Hypothesis& h) { return h.ended; });
}

void BeamPool::advance(std::vector<Hypothesis> candidates, std::size_t length) {
  const std::size_t generated = length - config_.prompt_length;
  keep_open(candidates);
  finish(candidates, generated);
  look_ahead(generated);
}

void BeamPool::keep_open(const std::vector<Hypothesis>& candidates) {
  std::vector<float> scores;
  for (const Hypothesis& c : candidates) scores.push_back(c.ended ? c.score + kNever : c.score);
  open_ = best_of(candidates, scores, config_.num_beams);
}

void BeamPool::finish(const std::vector<Hypothesis>& candidates, std::size_t generated) {
  const bool full = config_.early_stopping == EarlyStopping::yes && all_finished();
  std::vector<Hypothesis> all = pool_;
  std::vector<float> scores;
  for (const Hypothesis& h : pool_) scores.push_back(h.score);
  for (std::size_t rank = 0; rank < candidates.size(); ++rank) {
    Hypothesis h = candidates[rank];
    h.ended = h.ended && rank < config_.num_beams;
    float score = h.score / length_term(generated);
    if (full) score += kNever;
    if (!improvable_) score += kNever;
    if (!h.ended) score += kNever;
    scores.push_back(score);
    all.push_back(std::move(h));
  }
  pool_ = best_of(all, scores, config_.num_beams);
}

void BeamPool::look_ahead(std::size_t generated) {
  const bool optimistic =
      config_.early_stopping == EarlyStopping::never && config_.length_penalty > 0;
  const std::size_t length = optimistic ? config_.max_length - config_.prompt_length : generated;
  const float reachable = open_.front().score / length_term(length);
  const auto lower = [](const Hypothesis& a, const Hypothesis& b) { return a.score < b.score; };
  const float worst = std::min_element(pool_.begin(), pool_.end(), lower)->score;
  const bool hope = std::any_of(pool_.begin(), pool_.end(), [&](const Hypothesis& h) {
    return reachable > (h.ended ? worst : kNever);
  });
  improvable_ = improvable_ && hope;
}

}  // namespace typecase
