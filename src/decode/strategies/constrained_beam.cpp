#include "decode/strategies/constrained_beam.h"

#include "base/checked.h"
#include "decode/processor_list.h"
#include "decode/softmax.h"
#include "decode/strategies/beam_pool.h"
#include "decode/strategies/constraint.h"
#include "decode/strategies/hypothesis_list.h"
#include "decode/strategies/loop.h"
#include "decode/strategies/rows.h"
#include "decode/trace/trace_lists.h"
#include "decode/trace/tracer.h"

#include <algorithm>

namespace typecase {
namespace {

/// In the order in which they are to be taken: round robin over the banks, fullest first.
std::vector<std::size_t> in_turn(const std::vector<std::size_t>& banks,
                                 const std::vector<Continuation>& all) {
  std::vector<float> keys;
  for (std::size_t i = 0; i < all.size(); ++i) {
    keys.push_back(static_cast<float>(banks[i] * 100) + all[i].score);
  }
  struct Place {
    std::size_t round, index;
  };
  std::vector<Place> places;
  for (const Ranked& r : sorted_descending(keys)) {
    const auto index = static_cast<std::size_t>(r.index);
    const bool same = !places.empty() && banks[places.back().index] == banks[index];
    places.push_back({same ? places.back().round + 1 : 0, index});
  }
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.round < b.round; });
  std::vector<std::size_t> out;
  for (const Place& p : places) out.push_back(p.index);
  return out;
}

class ConstrainedBeam : private Loop {
 public:
  ConstrainedBeam(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                  const DecodeHooks& hooks)
      : Loop(model, config, hooks),
        processors_(build_processors(config, input, model.vocabulary(), hooks)),
        beams_(config.num_beams) {
    for (const auto& alternatives : config.force_words_ids) constraints_.emplace_back(alternatives);
    for (const Tokens& prompt : input.ids) {
      lists_.emplace_back(config, beams_);
      for (std::size_t i = 0; i < beams_; ++i) rows_.push_back({prompt, i == 0 ? 0 : kNever, {}});
    }
  }

  DecodeOutput run() {
    logits_ = prefill_repeated(model_, lists_.size(), beams_);
    for (;;) {
      step();
      const bool closed = std::all_of(lists_.begin(), lists_.end(),
                                      [](const HypothesisList& l) { return l.closed(); });
      const bool all = all_stop(stopping_, rows_);
      if ((all || closed) && hooks_.tracer != nullptr) {
        hooks_.tracer->stopped(closed ? "all_closed" : "all_finished");
      }
      if (all || closed) break;
      if (interrupted()) break;
      forward();
    }
    for (std::size_t b = 0; b < lists_.size(); ++b) close(b);
    return_best(lists_, 1, config_, out_);
    return std::move(out_);
  }

 private:
  bool complete(const OpenBeam& row) const {
    return ConstraintState(constraints_, row.ids).complete();
  }

  void step() {
    const std::size_t v = model_.vocabulary();
    record_step(config_, logits_, v, out_.logits, config_.output_logits);
    std::vector<Tokens> sequences;
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      const auto scores = std::span(logits_).subspan(row * v, v);
      log_softmax(scores, scores);
      sequences.push_back(rows_[row].ids);
    }
    process(processors_, logits_, sequences, beams_);
    for (std::size_t i = 0; i < logits_.size(); ++i) logits_[i] += rows_[i / v].score;
    record_step(config_, logits_, v, out_.scores, config_.output_scores);

    next_.clear();
    for (std::size_t b = 0; b < lists_.size(); ++b) step_prompt(b);
    rows_ = extend(rows_, next_);
  }

  void step_prompt(std::size_t b) {
    const std::size_t v = model_.vocabulary();
    const std::size_t first = b * beams_;
    if (lists_[b].closed()) {  // goes on with padding that nobody reads
      next_.insert(next_.end(), beams_, {0.0f, config_.pad_token_id.value_or(0), 0});
      return;
    }
    const auto total = std::span(logits_).subspan(first * v, beams_ * v);
    float best = 0;
    const auto likely = walk(
        lists_[b], rows_, first, beams_, total, config_,
        [this](const OpenBeam& row) { return complete(row); }, &best);
    const auto next = mix(likely, first);
    next_.insert(next_.end(), next.begin(), next.end());
    lists_[b].close_if_done(best, rows_[first].ids.size() + 1);
    if (hooks_.tracer != nullptr) {
      const auto met = [this](const OpenBeam& row) { return complete(row); };
      hooks_.tracer->beams(
          beam_step_of({rows_.data() + first, beams_}, total, next, first, lists_[b], config_, met),
          b, 0);
    }
  }

  /// The likely continuations and those that advance a constraint, from the banks in turn.
  std::vector<Continuation> mix(const std::vector<Continuation>& likely, std::size_t first) const {
    const std::size_t v = model_.vocabulary();
    std::vector<Continuation> all = likely;
    std::vector<OpenBeam> texts = extend(rows_, likely);
    std::vector<ConstraintState> states;
    for (const OpenBeam& text : texts) states.emplace_back(constraints_, text.ids);
    for (std::size_t row = first; row < first + beams_; ++row) {
      const ConstraintState state(constraints_, rows_[row].ids);
      if (state.complete()) continue;
      for (const TokenId token : state.advancing()) {
        // Made even when it turns out to be a repetition: see ConstraintState::followed_by().
        const ConstraintState advanced = state.followed_by(token);
        const std::size_t at = row * v + static_cast<std::size_t>(token);
        const Continuation c{logits_.at(at), token, row};
        OpenBeam text = extend(rows_, {&c, 1}).front();
        const bool known = std::any_of(texts.begin(), texts.end(), [&](const OpenBeam& other) {
          return other.ids == text.ids;
        });
        if (known) continue;
        all.push_back(c);
        texts.push_back(std::move(text));
        states.push_back(advanced);
      }
    }
    if (all.size() == likely.size()) return likely;
    std::vector<std::size_t> banks;
    for (const ConstraintState& state : states) banks.push_back(state.bank());
    std::vector<Continuation> out;
    for (const std::size_t i : in_turn(banks, all)) {
      if (out.size() < beams_) out.push_back(all[i]);
    }
    return out;
  }

  void forward() {
    std::vector<std::size_t> parents;
    Tokens tokens;
    for (const Continuation& c : next_) {
      parents.push_back(c.row);
      tokens.push_back(c.token);
    }
    model_.select(parents);
    for (const auto& processor : processors_) processor->reorder(parents);
    const auto fresh = model_.step(tokens);
    TYPECASE_CHECK(fresh.size() == tokens.size() * model_.vocabulary());
    logits_.assign(fresh.begin(), fresh.end());
  }

  /// Open rows that met their constraints count as they stand; the others where those are too few.
  void close(std::size_t b) {
    if (lists_[b].closed()) return;
    std::vector<const OpenBeam*> others;
    std::size_t met = 0;
    const auto add = [&](const OpenBeam& row) {
      lists_[b].add(row, row.score, row.ids.size() - config_.prompt_length);
    };
    for (std::size_t row = b * beams_; row < (b + 1) * beams_; ++row) {
      const bool done = complete(rows_[row]);
      met += done;
      if (done) add(rows_[row]);
      if (!done) others.push_back(&rows_[row]);
    }
    if (met >= config_.num_return_sequences) return;
    for (const OpenBeam* row : others) add(*row);
  }

  Processors processors_;
  std::size_t beams_;
  std::vector<Constraint> constraints_;
  std::vector<OpenBeam> rows_;         // [prompt · beam]
  std::vector<HypothesisList> lists_;  // [prompt]
  std::vector<Continuation> next_;
  std::vector<float> logits_;  // [prompt · beam, V]
};

}  // namespace

DecodeOutput constrained_beam(Stepper& model, const EffectiveConfig& config,
                              const DecodeInput& input, const DecodeHooks& hooks) {
  return ConstrainedBeam(model, config, input, hooks).run();
}

}  // namespace typecase
