#include "decode/cut.h"
#include "decode/trace/tracer.h"

#include <algorithm>
#include <cmath>

// What a step of beam search did with each candidate is read from the pools before and after it, so
// the search itself carries no bookkeeping for those who watch.

namespace typecase {
namespace {

/// Placeholders that have not been real since the first step, and what extends them.
bool real(float score) { return score > kNever / 2; }

Tokens generated(const Hypothesis& h) {
  const auto n = static_cast<std::ptrdiff_t>(h.origins.size());
  return {h.ids.end() - n, h.ids.end()};
}

const Hypothesis* find(const std::vector<Hypothesis>& in, const Hypothesis& wanted) {
  const auto same = [&](const Hypothesis& h) {
    return h.origins == wanted.origins && h.ids == wanted.ids;
  };
  const auto found = std::find_if(in.begin(), in.end(), same);
  return found == in.end() ? nullptr : &*found;
}

float length_term(std::size_t length, double penalty) {
  return static_cast<float>(std::pow(static_cast<double>(length), penalty));
}

}  // namespace

trace::BeamStep::Candidate Tracer::judged(const Hypothesis& h, std::size_t rank, std::size_t length,
                                          const BeamPool& before, const BeamPool& after) const {
  const std::size_t row = static_cast<std::size_t>(h.origins.back());
  trace::BeamStep::Candidate out{.rank = rank,
                                 .parent = h.beam,
                                 .id = h.ids.back(),
                                 .score = h.score,
                                 .ended = h.ended,
                                 .fate = "pruned",
                                 .why = {}};
  if (row < rows_.size() && !rows_[row].last.empty()) {
    out.log_probability = rows_[row].last.at(static_cast<std::size_t>(out.id));
  }
  if (!h.ended) {
    if (const Hypothesis* kept = find(after.open(), h)) {
      out.fate = "kept";
      out.becomes = static_cast<std::size_t>(kept - after.open().data());
    } else {
      out.why = "num_beams";
    }
    return out;
  }
  if (rank >= config_.num_beams) {
    out.why = "ended_outside_beams";
    return out;
  }
  out.final_score = h.score / length_term(length, config_.length_penalty);
  const Hypothesis* in_pool = find(after.best(), h);
  const bool accepted = in_pool != nullptr && in_pool->ended && real(in_pool->score);
  out.fate = accepted ? "finished" : "rejected";
  if (!accepted) out.why = before.improvable() ? "worse_than_finished" : "not_improvable";
  return out;
}

void Tracer::beams(trace::BeamStep event, std::size_t prompt, std::size_t group) {
  event.step = step_;
  event.prompt = prompt;
  event.group = group;
  emit(std::move(event));
}

void Tracer::beams(std::size_t prompt, std::size_t length, const BeamPool& before,
                   const std::vector<Hypothesis>& candidates, const BeamPool& after) {
  trace::BeamStep event{.step = step_,
                        .prompt = prompt,
                        .length = length - config_.prompt_length,
                        .length_penalty = config_.length_penalty,
                        .improvable = after.improvable()};
  std::vector<std::size_t> place(before.open().size(), 0);
  for (std::size_t i = 0; i < before.open().size(); ++i) {
    const Hypothesis& h = before.open()[i];
    if (!real(h.score)) continue;
    place[i] = event.open.size();
    event.open.push_back({.ids = generated(h), .score = h.score});
  }
  for (std::size_t rank = 0; rank < candidates.size(); ++rank) {
    if (!real(candidates[rank].score)) continue;
    auto c = judged(candidates[rank], rank, event.length, before, after);
    c.parent = place[c.parent];
    if (c.fate == "finished") sums_[candidates[rank].ids] = c.score;
    event.candidates.push_back(std::move(c));
  }
  for (const Hypothesis& h : after.best()) {
    if (h.ended && real(h.score)) event.finished.push_back({.ids = generated(h), .score = h.score});
  }
  const bool optimistic =
      config_.early_stopping == EarlyStopping::never && config_.length_penalty > 0;
  const std::size_t at = optimistic ? config_.max_length - config_.prompt_length : event.length;
  event.reachable = after.open().front().score / length_term(at, config_.length_penalty);
  if (after.all_finished() && !event.finished.empty()) {
    event.worst_finished = event.finished.back().score;
  }
  emit(std::move(event));
}

}  // namespace typecase
