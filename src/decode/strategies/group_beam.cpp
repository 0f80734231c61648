#include "decode/strategies/group_beam.h"

#include "base/checked.h"
#include "decode/processor_list.h"
#include "decode/softmax.h"
#include "decode/strategies/beam_pool.h"
#include "decode/strategies/hypothesis_list.h"
#include "decode/strategies/loop.h"
#include "decode/strategies/rows.h"
#include "decode/trace/trace_lists.h"
#include "decode/trace/tracer.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase {
namespace {

/// s_v ← s_v − λ · (how often `taken[prompt]` holds v).
class HammingDiversity : public Processor {
 public:
  HammingDiversity(double penalty, const std::vector<Tokens>& taken)
      : penalty_(static_cast<float>(penalty)), taken_(taken) {}
  std::string_view name() const override { return "diversity_penalty"; }
  void apply(std::span<float> scores, const ScoreRow& row) override {
    Tokens taken = taken_[row.prompt];
    std::sort(taken.begin(), taken.end());
    for (auto at = taken.begin(); at != taken.end();) {
      const auto next = std::upper_bound(at, taken.end(), *at);
      // One subtraction per token: λ·count is rounded before it.
      scores[static_cast<std::size_t>(*at)] -= penalty_ * static_cast<float>(next - at);
      at = next;
    }
  }

 private:
  float penalty_;
  const std::vector<Tokens>& taken_;
};

class GroupBeam : private Loop {
 public:
  GroupBeam(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
            const DecodeHooks& hooks)
      : Loop(model, config, hooks),
        prompts_(input.ids.size()),
        width_(config.num_beams / config.num_beam_groups),
        taken_(prompts_) {
    if (config.guidance_scale) {
      throw Error(Code::unsupported, "guidance_scale is not supported with num_beam_groups");
    }
    EffectiveConfig of_group = config;
    of_group.num_beams = width_;
    processors_ = build_processors(of_group, input, model.vocabulary(), hooks);
    const bool biased = !config.sequence_bias.empty();  // the one processor that comes before
    processors_.insert(processors_.begin() + (biased ? 1 : 0),
                       std::make_shared<HammingDiversity>(config.diversity_penalty, taken_));
    for (const Tokens& prompt : input.ids) {
      for (std::size_t i = 0; i < config.num_beams; ++i) {
        rows_.push_back({prompt, i % width_ == 0 ? 0.0f : kNever, {}});
      }
    }
    for (std::size_t i = 0; i < prompts_ * config.num_beam_groups; ++i) {
      lists_.emplace_back(config, width_);
    }
  }

  DecodeOutput run() {
    logits_ = prefill_repeated(model_, prompts_, config_.num_beams);
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
    close();
    return std::move(out_);
  }

 private:
  std::size_t row_of(std::size_t prompt, std::size_t group) const {
    return prompt * config_.num_beams + group * width_;
  }

  void step() {
    record_step(config_, logits_, model_.vocabulary(), out_.logits, config_.output_logits);
    for (Tokens& taken : taken_) taken.clear();
    next_.resize(rows_.size());
    for (std::size_t g = 0; g < config_.num_beam_groups; ++g) step_group(g);
    record_step(config_, logits_, model_.vocabulary(), out_.scores, config_.output_scores);
    rows_ = extend(rows_, next_);
  }

  /// The g-th group of every prompt chooses.
  void step_group(std::size_t g) {
    const std::size_t v = model_.vocabulary();
    std::vector<float> scores;
    std::vector<Tokens> sequences;
    for (std::size_t b = 0; b < prompts_; ++b) {
      for (std::size_t row = row_of(b, g); row < row_of(b, g) + width_; ++row) {
        const auto logits = std::span(logits_).subspan(row * v, v);
        log_softmax(logits, logits);
        scores.insert(scores.end(), logits.begin(), logits.end());
        sequences.push_back(rows_[row].ids);
      }
    }
    if (hooks_.tracer != nullptr) hooks_.tracer->group(g, width_, config_.num_beams);
    process(processors_, scores, sequences, width_);
    for (std::size_t b = 0; b < prompts_; ++b) {
      const auto total = std::span(scores).subspan(b * width_ * v, width_ * v);
      const std::size_t first = row_of(b, g);
      std::copy(total.begin(), total.end(),
                logits_.begin() + static_cast<std::ptrdiff_t>(first * v));
      for (std::size_t i = 0; i < total.size(); ++i) total[i] += rows_[first + i / v].score;
      choose(b, g, total);
    }
  }

  void choose(std::size_t b, std::size_t g, std::span<const float> total) {
    const std::size_t first = row_of(b, g);
    HypothesisList& list = lists_[b * config_.num_beam_groups + g];
    // A closed list goes on with padding, as the first prompt's beams: nobody reads it.
    std::vector<Continuation> next(width_, {0.0f, config_.pad_token_id.value_or(0), row_of(0, g)});
    if (!list.closed()) {
      float best = 0;
      next = walk(list, rows_, first, width_, total, config_, {}, &best);
      list.close_if_done(best, rows_[first].ids.size() + 1);
      if (hooks_.tracer != nullptr) {
        hooks_.tracer->beams(
            beam_step_of({rows_.data() + first, width_}, total, next, first, list, config_, {}), b,
            g);
      }
    }
    for (std::size_t i = 0; i < width_; ++i) {
      next_[first + i] = next[i];
      taken_[b].push_back(next[i].token);
    }
  }

  void forward() {
    std::vector<std::size_t> parents;
    Tokens tokens;
    for (const Continuation& c : next_) {
      parents.push_back(c.row);
      tokens.push_back(c.token);
    }
    model_.select(parents);
    const auto fresh = model_.step(tokens);
    TYPECASE_CHECK(fresh.size() == tokens.size() * model_.vocabulary());
    logits_.assign(fresh.begin(), fresh.end());
  }

  /// What is still open counts as it stands.
  void close() {
    for (std::size_t l = 0; l < lists_.size(); ++l) {
      if (lists_[l].closed()) continue;
      for (std::size_t row = l * width_; row < (l + 1) * width_; ++row) {
        const std::size_t generated = rows_[row].ids.size() - config_.prompt_length;
        lists_[l].add(rows_[row], rows_[row].score, generated);
      }
    }
    return_best(lists_, config_.num_beam_groups, config_, out_);
  }

  std::size_t prompts_;
  std::size_t width_;          // beams of a group
  std::vector<Tokens> taken_;  // [prompt]: what earlier groups chose at this step
  Processors processors_;
  std::vector<OpenBeam> rows_;         // [prompt · group · width]
  std::vector<HypothesisList> lists_;  // [prompt · group]
  std::vector<Continuation> next_;
  std::vector<float> logits_;
};

}  // namespace

DecodeOutput group_beam(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                        const DecodeHooks& hooks) {
  return GroupBeam(model, config, input, hooks).run();
}

}  // namespace typecase
