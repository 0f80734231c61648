#include "decode/strategies/contrastive.h"

#include "base/checked.h"
#include "decode/order.h"
#include "decode/processor_list.h"
#include "decode/softmax.h"
#include "decode/strategies/loop.h"
#include "decode/strategies/rows.h"
#include "decode/trace/tracer.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace typecase {
namespace {

/// h / |h|
std::vector<float> direction(std::span<const float> h) {
  double square = 0;
  for (const float x : h) square += static_cast<double>(x) * static_cast<double>(x);
  const auto norm = static_cast<float>(std::sqrt(square));
  std::vector<float> out(h.begin(), h.end());
  for (float& x : out) x /= norm;
  return out;
}

float dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return static_cast<float>(sum);
}

class ContrastiveSearch : private Loop {
 public:
  ContrastiveSearch(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                    const DecodeHooks& hooks)
      : Loop(model, config, hooks),
        processors_(build_processors(config, input, model.vocabulary(), hooks)),
        k_(std::min(config.contrastive_top_k, model.vocabulary())),
        alive_(input.ids.size(), true) {
    out_.sequences = input.ids;
  }

  DecodeOutput run() {
    model_.watch({.hidden = true, .early_layers = {}});
    const auto first = model_.prefill();
    logits_.assign(first.begin(), first.end());
    for (std::size_t row = 0; row < rows(); ++row) {
      const auto all = model_.context(row);
      width_ = model_.hidden().size() / rows();
      context_.emplace_back();
      for (std::size_t at = 0; at < all.size(); at += width_) {
        context_.back().push_back(direction(all.subspan(at, width_)));
      }
    }
    while (step()) {
    }
    return std::move(out_);
  }

 private:
  std::size_t rows() const { return out_.sequences.size(); }

  /// Appends a token to every row; false at the end.
  bool step() {
    const std::size_t v = model_.vocabulary();
    record_step(config_, logits_, v, out_.logits, config_.output_logits);
    process(processors_, logits_, out_.sequences, 1);
    record_step(config_, logits_, v, out_.scores, config_.output_scores);
    std::vector<Ranked> candidates;  // [row · k], value: p
    for (std::size_t row = 0; row < rows(); ++row) {
      const auto p = std::span(logits_).subspan(row * v, v);
      softmax(p, p);
      for (const Ranked& r : topk(p, k_)) candidates.push_back(r);
    }
    compute(candidates);
    return append(choose(candidates));
  }

  /// Runs all candidates as forks of their rows.
  void compute(const std::vector<Ranked>& candidates) {
    std::vector<std::size_t> parents;
    Tokens tokens;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      parents.push_back(i / k_);
      tokens.push_back(candidates[i].index);
    }
    model_.select(parents);
    const auto fresh = model_.step(tokens);
    TYPECASE_CHECK(fresh.size() == tokens.size() * model_.vocabulary());
    fresh_.assign(fresh.begin(), fresh.end());
  }

  /// Keeps the best fork of each row, its state and its logits; the tokens.
  Tokens choose(const std::vector<Ranked>& candidates) {
    const std::size_t v = model_.vocabulary();
    const auto alpha = static_cast<float>(config_.penalty_alpha);
    const auto confidence = static_cast<float>(1.0 - config_.penalty_alpha);
    std::vector<std::size_t> chosen;
    Tokens tokens;
    logits_.clear();
    for (std::size_t row = 0; row < rows(); ++row) {
      std::vector<float> scores;
      std::vector<std::vector<float>> states;
      std::vector<trace::Contrast::Candidate> weighed;
      for (std::size_t i = row * k_; i < (row + 1) * k_; ++i) {
        states.push_back(direction(model_.hidden().subspan(i * width_, width_)));
        float penalty = std::numeric_limits<float>::lowest();
        for (const auto& h : context_[row]) penalty = std::max(penalty, dot(h, states.back()));
        scores.push_back(confidence * candidates[i].value - alpha * penalty);
        weighed.push_back({.id = candidates[i].index,
                           .probability = candidates[i].value,
                           .penalty = penalty,
                           .score = scores.back()});
      }
      if (hooks_.tracer != nullptr) hooks_.tracer->weighed(row, std::move(weighed));
      const auto best = static_cast<std::size_t>(argmax(scores));
      context_[row].push_back(std::move(states[best]));
      chosen.push_back(row * k_ + best);
      tokens.push_back(candidates[chosen.back()].index);
      const auto next = std::span(fresh_).subspan(chosen.back() * v, v);
      logits_.insert(logits_.end(), next.begin(), next.end());
    }
    model_.select(chosen);
    return tokens;
  }

  bool append(Tokens tokens) {
    if (hooks_.tracer != nullptr) hooks_.tracer->chose(tokens);
    stopping_.start_step();
    bool any = false;
    for (std::size_t i = 0; i < rows(); ++i) {
      if (stopping_.pads() && !alive_[i]) tokens[i] = config_.pad_token_id.value_or(0);
      out_.sequences[i].push_back(tokens[i]);
      const bool ends = alive_[i] && stopping_.finished(out_.sequences[i]);
      if (ends && hooks_.tracer != nullptr) {
        hooks_.tracer->finished(i, stopping_.reason(out_.sequences[i]));
      }
      alive_[i] = alive_[i] && !ends;
      any = any || alive_[i];
    }
    if (hooks_.on_tokens) hooks_.on_tokens(tokens);
    if (!any || !interrupted()) return any;
    if (hooks_.tracer != nullptr) hooks_.tracer->stopped("interrupted");
    return false;
  }

  Processors processors_;
  std::size_t k_;
  std::size_t width_ = 0;                                 // of a hidden state
  std::vector<float> logits_;                             // [row, V]
  std::vector<float> fresh_;                              // [row · k, V]
  std::vector<std::vector<std::vector<float>>> context_;  // [row][slot]: h / |h|
  std::vector<bool> alive_;
};

}  // namespace

DecodeOutput contrastive_search(Stepper& model, const EffectiveConfig& config,
                                const DecodeInput& input, const DecodeHooks& hooks) {
  return ContrastiveSearch(model, config, input, hooks).run();
}

}  // namespace typecase
