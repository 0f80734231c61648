#include "decode/strategies/hypothesis_list.h"

#include <typecase/error.h>

#include <algorithm>
#include <cmath>

namespace typecase {

double HypothesisList::value(double sum, std::size_t generated) const {
  return sum / std::pow(static_cast<double>(generated), config_.length_penalty);
}

void HypothesisList::add(OpenBeam beam, double sum, std::size_t generated) {
  const double v = value(sum, generated);
  if (entries_.size() >= capacity_ && !(v > worst_)) return;
  entries_.push_back({v, std::move(beam)});
  if (entries_.size() <= capacity_) {
    worst_ = std::min(worst_, v);
    return;
  }
  const auto lower = [](const Entry& a, const Entry& b) { return a.value < b.value; };
  entries_.erase(std::min_element(entries_.begin(), entries_.end(), lower));
  worst_ = std::min_element(entries_.begin(), entries_.end(), lower)->value;
}

void HypothesisList::close_if_done(float best, std::size_t length) {
  if (closed_ || entries_.size() < capacity_) return;
  const bool patient = config_.early_stopping == EarlyStopping::never;
  const std::size_t reachable = patient && config_.length_penalty > 0 ? config_.max_length : length;
  closed_ = config_.early_stopping == EarlyStopping::yes ||
            worst_ >= value(best, reachable - config_.prompt_length);
}

std::size_t candidate_count(const EffectiveConfig& config, std::size_t n, std::size_t vocabulary) {
  const std::size_t k = std::max<std::size_t>(2, 1 + config.eos_token_id.size()) * n;
  if (k > n * vocabulary) {
    throw Error(Code::invalid_argument,
                "a beam step ranks " + std::to_string(k) + " candidates, but " + std::to_string(n) +
                    " beams over " + std::to_string(vocabulary) + " tokens have fewer");
  }
  return k;
}

std::vector<Continuation> walk(HypothesisList& list, std::span<const OpenBeam> rows,
                               std::size_t first, std::size_t n, std::span<const float> total,
                               const EffectiveConfig& config,
                               const std::function<bool(const OpenBeam&)>& may_finish,
                               float* best) {
  const std::size_t v = total.size() / n;
  const auto ranked = topk(total, candidate_count(config, n, v));
  *best = ranked.front().value;
  std::vector<Continuation> next;
  for (std::size_t rank = 0; rank < ranked.size() && next.size() < n; ++rank) {
    const auto index = static_cast<std::size_t>(ranked[rank].index);
    const Continuation c{ranked[rank].value, static_cast<TokenId>(index % v), first + index / v};
    const auto& eos = config.eos_token_id;
    if (std::find(eos.begin(), eos.end(), c.token) == eos.end()) {
      next.push_back(c);
    } else if (rank < n && (!may_finish || may_finish(rows[c.row]))) {
      // The end token is counted but not kept.
      OpenBeam whole = rows[c.row];
      const std::size_t generated = whole.ids.size() + 1 - config.prompt_length;
      whole.origins.push_back(static_cast<std::int32_t>(c.row));
      list.add(std::move(whole), c.score, generated);
    }
  }
  if (next.size() < n) {
    throw Error(Code::failed,
                "beam search: too few of the best candidates go on; fewer tokens may "
                "be in `eos_token_id`");
  }
  return next;
}

std::vector<OpenBeam> extend(std::span<const OpenBeam> rows,
                             std::span<const Continuation> continuations) {
  std::vector<OpenBeam> out;
  for (const Continuation& c : continuations) {
    OpenBeam next = rows[c.row];
    next.ids.push_back(c.token);
    next.origins.push_back(static_cast<std::int32_t>(c.row));
    next.score = c.score;
    out.push_back(std::move(next));
  }
  return out;
}

bool all_stop(Stopping& stopping, std::span<const OpenBeam> rows) {
  stopping.start_step();
  return std::all_of(rows.begin(), rows.end(),
                     [&](const OpenBeam& row) { return stopping.finished(row.ids); });
}

void return_best(const std::vector<HypothesisList>& lists, std::size_t lists_per_prompt,
                 const EffectiveConfig& config, DecodeOutput& out) {
  std::vector<const HypothesisList::Entry*> best;
  for (std::size_t first = 0; first < lists.size(); first += lists_per_prompt) {
    std::vector<const HypothesisList::Entry*> all;
    for (std::size_t i = first; i < first + lists_per_prompt; ++i) {
      for (const auto& entry : lists[i].entries()) all.push_back(&entry);
    }
    if (all.size() < config.num_return_sequences) {
      throw Error(Code::failed, "the beam search found fewer than `num_return_sequences` results");
    }
    std::stable_sort(all.begin(), all.end(), [](auto* a, auto* b) { return a->value < b->value; });
    best.insert(best.end(), all.rbegin(),
                all.rbegin() + static_cast<std::ptrdiff_t>(config.num_return_sequences));
  }
  std::size_t longest = 0, trail = 0;
  for (const auto* entry : best) {
    longest = std::max(longest, entry->beam.ids.size());
    trail = std::max(trail, entry->beam.origins.size());
  }
  const std::size_t width = std::min(longest + 1, config.max_length);
  for (const auto* entry : best) {
    Tokens ids = entry->beam.ids;
    if (ids.size() < width && !config.eos_token_id.empty()) {
      ids.push_back(config.eos_token_id.front());
    }
    ids.resize(width, config.pad_token_id.value_or(0));
    auto origins = entry->beam.origins;
    origins.resize(trail, -1);
    out.sequences.push_back(std::move(ids));
    out.beam_indices.push_back(std::move(origins));
    out.sequences_scores.push_back(static_cast<float>(entry->value));
  }
}

}  // namespace typecase
