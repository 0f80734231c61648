#include "decode/trace/trace_lists.h"

#include "decode/strategies/beam_pool.h"

#include <algorithm>
#include <cmath>

namespace typecase {
namespace {

bool real(float score) { return score > kNever / 2; }

class Teller {
 public:
  Teller(std::span<const OpenBeam> open, const std::vector<Continuation>& next, std::size_t first,
         const HypothesisList& list, const EffectiveConfig& config)
      : open_(open), next_(next), first_(first), list_(list), config_(config) {}

  Tokens generated(const Tokens& ids) const {
    return {ids.begin() + static_cast<std::ptrdiff_t>(config_.prompt_length), ids.end()};
  }

  trace::BeamStep::Candidate candidate(const Continuation& c, std::size_t rank) const {
    trace::BeamStep::Candidate out{.rank = rank, .parent = c.row - first_, .id = c.token};
    out.score = c.score;
    out.log_probability = c.score - open_[out.parent].score;
    out.ended = is_end(c.token);
    out.fate = "pruned";
    const auto same = [&](const Continuation& n) { return n.row == c.row && n.token == c.token; };
    const auto kept = std::find_if(next_.begin(), next_.end(), same);
    if (kept != next_.end()) {
      out.fate = "kept";
      out.becomes = static_cast<std::size_t>(kept - next_.begin());
    } else {
      out.why = out.ended ? "ended_outside_beams" : "num_beams";
    }
    return out;
  }

  /// One that ended among the first n: in the list, or why not.
  void judge_end(trace::BeamStep::Candidate& c, bool allowed) const {
    const Tokens& ids = open_[c.parent].ids;
    const double length = static_cast<double>(ids.size() + 1 - config_.prompt_length);
    c.final_score =
        static_cast<float>(static_cast<double>(c.score) / std::pow(length, config_.length_penalty));
    const auto& entries = list_.entries();
    const bool in = allowed && std::any_of(entries.begin(), entries.end(),
                                           [&](const auto& e) { return e.beam.ids == ids; });
    c.fate = in ? "finished" : "rejected";
    c.why = in ? "" : allowed ? "worse_than_finished" : "constraints_unmet";
  }

  bool is_end(TokenId token) const {
    const auto& eos = config_.eos_token_id;
    return std::find(eos.begin(), eos.end(), token) != eos.end();
  }

 private:
  std::span<const OpenBeam> open_;
  const std::vector<Continuation>& next_;
  std::size_t first_;
  const HypothesisList& list_;
  const EffectiveConfig& config_;
};

}  // namespace

trace::BeamStep beam_step_of(std::span<const OpenBeam> open, std::span<const float> total,
                             const std::vector<Continuation>& next, std::size_t first,
                             const HypothesisList& list, const EffectiveConfig& config,
                             const std::function<bool(const OpenBeam&)>& may_finish) {
  const std::size_t n = open.size(), v = total.size() / n;
  const Teller teller(open, next, first, list, config);
  trace::BeamStep event{.length = open[0].ids.size() + 1 - config.prompt_length,
                        .length_penalty = config.length_penalty,
                        .improvable = !list.closed()};
  std::vector<std::size_t> place(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    if (!real(open[i].score)) continue;
    place[i] = event.open.size();
    event.open.push_back({.ids = teller.generated(open[i].ids), .score = open[i].score});
  }
  std::size_t rank = 0;
  const auto tell = [&](const Continuation& c, bool ranked) {
    if (!real(c.score)) return;
    auto told = teller.candidate(c, rank);
    if (told.ended && ranked && rank < n) {
      teller.judge_end(told, !may_finish || may_finish(open[told.parent]));
    }
    if (!ranked) told.why = "constraint";
    told.parent = place[told.parent];
    event.candidates.push_back(std::move(told));
  };
  const auto order = topk(total, candidate_count(config, n, v));
  for (const Ranked& r : order) {
    const auto at = static_cast<std::size_t>(r.index);
    tell({r.value, static_cast<TokenId>(at % v), first + at / v}, true);
    ++rank;
  }
  for (const Continuation& c : next) {  // what a constraint brought in beside the likely ones
    const auto index = static_cast<std::int32_t>((c.row - first) * v) + c.token;
    const bool known =
        std::any_of(order.begin(), order.end(), [&](const Ranked& r) { return r.index == index; });
    if (!known) tell(c, false);
    rank += !known;
  }
  for (const auto& entry : list.entries()) {
    Tokens ids = teller.generated(entry.beam.ids);
    if (!config.eos_token_id.empty()) ids.push_back(config.eos_token_id.front());
    event.finished.push_back({.ids = std::move(ids), .score = static_cast<float>(entry.value)});
  }
  std::stable_sort(event.finished.begin(), event.finished.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  event.reachable =
      next.empty()
          ? 0
          : static_cast<float>(static_cast<double>(next[0].score) /
                               std::pow(static_cast<double>(event.length), config.length_penalty));
  if (event.finished.size() >= n) event.worst_finished = event.finished.back().score;
  return event;
}

}  // namespace typecase
