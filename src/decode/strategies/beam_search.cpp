#include "decode/strategies/beam_search.h"

#include "base/checked.h"
#include "decode/draw.h"
#include "decode/order.h"
#include "decode/processor_list.h"
#include "decode/softmax.h"
#include "decode/strategies/beam_pool.h"
#include "decode/strategies/loop.h"
#include "decode/strategies/rows.h"
#include "decode/trace/tracer.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase {
namespace {

class BeamSearch : private Loop {
 public:
  BeamSearch(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
             Generator& random, const DecodeHooks& hooks)
      : Loop(model, config, hooks),
        random_(random),
        processors_(build_processors(config, input, model.vocabulary(), hooks, &random)),
        beams_(config.num_beams) {
    const std::size_t ends = config.eos_token_id.size();
    candidates_ = std::max<std::size_t>(2, 1 + ends) * beams_;
    if (candidates_ > beams_ * model.vocabulary()) {
      throw Error(Code::invalid_argument, "beam search needs " + std::to_string(candidates_) +
                                              " candidates, but " + std::to_string(beams_) +
                                              " beams over " + std::to_string(model.vocabulary()) +
                                              " tokens have fewer");
    }
    for (const Tokens& prompt : input.ids) prompts_.emplace_back(prompt, config);
  }

  DecodeOutput run() {
    logits_ = prefill_repeated(model_, prompts_.size(), beams_);
    for (length_ = config_.prompt_length;;) {
      if (!step()) break;
      if (interrupted()) {
        if (hooks_.tracer != nullptr) hooks_.tracer->stopped("interrupted");
        break;
      }
      forward();
    }
    collect();
    return std::move(out_);
  }

 private:
  /// Extends every prompt's hypotheses by a token; false when the search is over.
  bool step() {
    const std::size_t v = model_.vocabulary();
    record_step(config_, logits_, v, out_.logits, config_.output_logits);
    for (std::size_t row = 0; row < prompts_.size() * beams_; ++row) {
      const auto scores = std::span(logits_).subspan(row * v, v);
      log_softmax(scores, scores);
    }
    std::vector<Tokens> sequences;
    for (const BeamPool& prompt : prompts_) {
      for (const Hypothesis& h : prompt.open()) sequences.push_back(h.ids);
    }
    process(processors_, logits_, sequences, beams_);
    record_step(config_, logits_, v, out_.scores, config_.output_scores);

    stopping_.start_step();
    ++length_;
    bool all_ended = true;
    for (std::size_t b = 0; b < prompts_.size(); ++b) {
      auto next = candidates_of(b);
      for (const Hypothesis& h : next) all_ended = all_ended && h.ended;
      advance(b, std::move(next));
    }
    const bool ends = over();
    if (hooks_.tracer != nullptr && (all_ended || ends)) {
      hooks_.tracer->stopped(all_ended      ? "all_finished"
                             : improvable() ? "early_stopping"
                                            : "not_improvable");
    }
    return !all_ended && !ends;
  }

  void advance(std::size_t b, std::vector<Hypothesis> next) {
    if (hooks_.tracer == nullptr) return prompts_[b].advance(std::move(next), length_);
    const BeamPool before = prompts_[b];
    prompts_[b].advance(next, length_);
    hooks_.tracer->beams(b, length_, before, next, prompts_[b]);
  }

  /// The K candidates of prompt b, in rank (or draw) order.
  std::vector<Hypothesis> candidates_of(std::size_t b) {
    const std::size_t v = model_.vocabulary();
    const auto& open = prompts_[b].open();
    const auto total = std::span(logits_).subspan(b * beams_ * v, beams_ * v);
    for (std::size_t i = 0; i < total.size(); ++i) total[i] += open[i / v].score;

    std::vector<Hypothesis> out;
    for (const Ranked& r : ranked(total)) {
      const auto index = static_cast<std::size_t>(r.index);
      Hypothesis h = open[index / v];
      h.beam = index / v;
      h.ids.push_back(static_cast<TokenId>(index % v));
      h.origins.push_back(static_cast<std::int32_t>(b * beams_ + h.beam));
      h.score = total[index];
      h.ended = stopping_.finished(h.ids);
      out.push_back(std::move(h));
    }
    return out;
  }

  std::vector<Ranked> ranked(std::span<const float> total) {
    if (!config_.do_sample) return topk(total, candidates_);
    std::vector<float> p(total.size());
    softmax(total, p);
    return draw_without_replacement(p, candidates_, random_);
  }

  bool improvable() const {
    return std::any_of(prompts_.begin(), prompts_.end(),
                       [](const BeamPool& p) { return p.improvable(); });
  }

  bool over() const {
    const bool full = std::all_of(prompts_.begin(), prompts_.end(),
                                  [](const BeamPool& p) { return p.all_finished(); });
    return !improvable() || (full && config_.early_stopping == EarlyStopping::yes);
  }

  /// The model follows the new order of the open hypotheses and computes their last tokens.
  void forward() {
    std::vector<std::size_t> parents;
    Tokens tokens;
    for (const BeamPool& prompt : prompts_) {
      for (const Hypothesis& h : prompt.open()) {
        parents.push_back(static_cast<std::size_t>(h.origins.back()));
        tokens.push_back(h.ids.back());
      }
    }
    model_.select(parents);
    for (const auto& processor : processors_) processor->reorder(parents);
    const auto fresh = model_.step(tokens);
    TYPECASE_CHECK(fresh.size() == tokens.size() * model_.vocabulary());
    logits_.assign(fresh.begin(), fresh.end());
  }

  /// The best R of each prompt, cut to the longest and filled.
  void collect() {
    std::vector<Hypothesis> best;
    for (const BeamPool& prompt : prompts_) {
      // Interrupted before anything finished: what is open says more than the bare prompt.
      const bool bare = out_.interrupted && !prompt.best().front().ended;
      const auto& from = bare ? prompt.open() : prompt.best();
      best.insert(best.end(), from.begin(),
                  from.begin() + static_cast<std::ptrdiff_t>(config_.num_return_sequences));
    }
    std::size_t longest = 0;
    for (const Hypothesis& h : best) longest = std::max(longest, h.origins.size());
    for (Hypothesis& h : best) {
      h.ids.resize(config_.prompt_length + longest, fill());
      h.origins.resize(longest, -1);
      out_.sequences.push_back(std::move(h.ids));
      out_.beam_indices.push_back(std::move(h.origins));
      out_.sequences_scores.push_back(h.score);
    }
  }

  TokenId fill() const {
    if (config_.eos_token_id.empty()) return -1;
    const TokenId pad = config_.pad_token_id.value_or(0);
    return pad != 0 ? pad : config_.eos_token_id.front();  // 0 counts as "no pad token" there
  }

  Generator& random_;
  Processors processors_;
  std::size_t beams_;
  std::size_t candidates_ = 0;
  std::vector<BeamPool> prompts_;
  std::vector<float> logits_;  // [prompts · beams, vocabulary]
  std::size_t length_ = 0;
};

}  // namespace

DecodeOutput beam_search(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                         Generator& random, const DecodeHooks& hooks) {
  return BeamSearch(model, config, input, random, hooks).run();
}

}  // namespace typecase
