#include "decode/strategies/assisted.h"

#include "base/checked.h"
#include "decode/draw.h"
#include "decode/order.h"
#include "decode/processor_list.h"
#include "decode/softmax.h"
#include "decode/strategies/assistant.h"
#include "decode/strategies/loop.h"
#include "decode/strategies/prompt_lookup.h"
#include "decode/strategies/rows.h"
#include "decode/strategies/text_bridge.h"
#include "decode/trace/tracer.h"

#include <typecase/error.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace typecase {
namespace {

class Assisted : private Loop {
 public:
  Assisted(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
           Generator& random, const DecodeHooks& hooks)
      : Loop(model, config, hooks),
        random_(random),
        v_(model.vocabulary()),
        processors_(build_processors(config, input, v_, unwatched(hooks), &random)),
        ids_(input.ids.front()) {
    if (hooks.tracer != nullptr) {
      watched_ = build_processors(config, input, v_, hooks, &shadow_);
    }
    if (config.guidance_scale) {
      throw Error(Code::unsupported, "guidance_scale is not supported in assisted decoding");
    }
    if (config.prompt_lookup_num_tokens && !config.assistant_early_exit) {
      drafter_ = std::make_unique<PromptLookup>(config, processors_, v_);
    } else if (hooks.assistant != nullptr && hooks.assistant->to_target) {
      drafter_ = std::make_unique<TextBridge>(config, hooks);
    } else {
      TYPECASE_CHECK(hooks.assistant != nullptr);
      drafter_ = std::make_unique<AssistantDrafter>(config, input, random, hooks, processors_);
    }
  }

  DecodeOutput run() {
    while (round()) {
    }
    out_.sequences = {ids_};
    out_.draft_length = drafter_->draft_length();
    return std::move(out_);
  }

 private:
  static DecodeHooks unwatched(DecodeHooks hooks) {
    hooks.tracer = nullptr;
    return hooks;
  }

  /// One draft and its verification; false at the end.
  bool round() {
    const Draft draft = drafter_->draft(ids_);
    const std::size_t c = draft.tokens.size();
    compute(draft.tokens);
    score(draft.tokens);
    Tokens accepted =
        config_.do_sample && !draft.scores.empty() ? speculate(draft) : compare(draft);
    cut(accepted);
    const std::size_t matches = accepted.size() - 1;
    if (c > matches) model_.truncate(ids_.size() + matches);
    if (hooks_.tracer != nullptr) hooks_.tracer->drafted(draft.tokens, matches);
    keep(accepted);
    drafter_->verified(c, matches);
    stopping_.start_step();
    const bool done = stopping_.finished(ids_);
    if (done && hooks_.tracer != nullptr) hooks_.tracer->finished(0, stopping_.reason(ids_));
    return !done && !interrupted();
  }

  /// The logits after the text and after each drafted token, [c + 1, V].
  void compute(const Tokens& draft) {
    logits_.clear();
    const auto take = [this](std::span<const float> rows) {
      logits_.insert(logits_.end(), rows.begin(), rows.end());
    };
    Tokens fresh = draft;
    if (!started_) {
      take(model_.prefill());
      started_ = true;
    } else {
      fresh.insert(fresh.begin(), ids_.back());  // accepted, not computed yet
    }
    if (!fresh.empty()) take(model_.step_many(fresh));
    TYPECASE_CHECK(logits_.size() == (draft.size() + 1) * v_);
  }

  void score(const Tokens& draft) {
    scores_ = logits_;
    std::vector<Tokens> text{ids_};
    for (std::size_t i = 0; i <= draft.size(); ++i) {
      process(processors_, row(scores_, i), text, 1);
      if (i < draft.size()) text[0].push_back(draft[i]);
    }
  }

  /// Tokens the model chooses itself, up to the first that the draft did not have.
  Tokens compare(const Draft& draft) {
    const std::size_t c = draft.tokens.size();
    Tokens chosen(c + 1);
    if (config_.do_sample) {
      std::vector<float> p(scores_.size());
      for (std::size_t i = 0; i <= c; ++i) softmax(row(scores_, i), row(p, i));
      draw(p, v_, random_, chosen);
    } else {
      for (std::size_t i = 0; i <= c; ++i) chosen[i] = argmax(verdict(draft, i));
    }
    const auto differs = std::mismatch(draft.tokens.begin(), draft.tokens.end(), chosen.begin());
    chosen.resize(static_cast<std::size_t>(differs.second - chosen.begin()) + 1);
    return chosen;
  }

  /// The scores greedy decoding compares at place i: s, or w·p + (1 − w)·q.
  std::vector<float> verdict(const Draft& draft, std::size_t i) {
    const auto s = row(scores_, i);
    std::vector<float> out(s.begin(), s.end());
    if (!config_.assistant_ensemble_weight || i * v_ >= draft.scores.size()) return out;
    std::vector<float> q(draft.scores.begin() + static_cast<std::ptrdiff_t>(i * v_),
                         draft.scores.begin() + static_cast<std::ptrdiff_t>((i + 1) * v_));
    softmax(out, out);
    softmax(q, q);
    const auto w = static_cast<float>(*config_.assistant_ensemble_weight);
    const auto rest = static_cast<float>(1.0 - *config_.assistant_ensemble_weight);
    for (std::size_t j = 0; j < v_; ++j) out[j] = w * out[j] + rest * q[j];
    return out;
  }

  Tokens speculate(const Draft& draft) {
    const std::size_t c = draft.tokens.size();
    std::vector<float> p(scores_.size()), q(draft.scores);
    for (std::size_t i = 0; i <= c; ++i) softmax(row(scores_, i), row(p, i));
    for (std::size_t i = 0; i < c; ++i) softmax(row(q, i), row(q, i));

    std::vector<float> r(c);
    for (float& x : r) x = random_.uniform();
    std::size_t n = 0;
    while (n < c && r[n] <= ratio(row(p, n), row(q, n), draft.tokens[n])) ++n;

    auto next = row(p, n);
    if (n < c) subtract(next, row(q, n));
    Tokens accepted(draft.tokens.begin(), draft.tokens.begin() + static_cast<std::ptrdiff_t>(n));
    accepted.push_back(0);
    draw(next, v_, random_, std::span(accepted).last(1));
    return accepted;
  }

  float ratio(std::span<const float> p, std::span<const float> q, TokenId token) const {
    const auto at = static_cast<std::size_t>(token);
    const float plain = p[at] / q[at];
    if (!config_.assistant_ensemble_weight) return plain;
    const double w = *config_.assistant_ensemble_weight;
    return static_cast<float>(1.0 - w) + static_cast<float>(w) * plain;
  }

  /// p ← (p − q)₊ / Σ (p − q)₊
  void subtract(std::span<float> p, std::span<const float> q) const {
    std::vector<float> rest(p.size());
    double sum = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
      rest[i] = std::max(p[i] - q[i], 0.0f);
      sum += static_cast<double>(rest[i]);
    }
    const auto total = static_cast<float>(sum);
    const bool nothing = total <= std::numeric_limits<float>::min();
    if (config_.assistant_ensemble_weight && nothing) return;
    for (std::size_t i = 0; i < p.size(); ++i) p[i] = rest[i] / total;
  }

  /// Not beyond the length, and not beyond an end token.
  void cut(Tokens& accepted) const {
    accepted.resize(std::min(accepted.size(), config_.max_length - ids_.size()));
    const auto& eos = config_.eos_token_id;
    const auto end = std::find_first_of(accepted.begin(), accepted.end(), eos.begin(), eos.end());
    if (end != accepted.end()) accepted.erase(end + 1, accepted.end());
  }

  void keep(const Tokens& accepted) {
    for (std::size_t i = 0; i < accepted.size(); ++i) {
      record_step(config_, row(scores_, i), v_, out_.scores, config_.output_scores);
      record_step(config_, row(logits_, i), v_, out_.logits, config_.output_logits);
      if (hooks_.tracer != nullptr) show(i, accepted[i]);
      ids_.push_back(accepted[i]);
      if (hooks_.on_tokens) hooks_.on_tokens(std::span(accepted).subspan(i, 1));
    }
  }

  /// The step of a token that stays, for those who watch: computed again, as drafts that were
  /// dropped went through the processors too.
  void show(std::size_t i, TokenId token) {
    const auto logits = row(logits_, i);
    std::vector<float> scores(logits.begin(), logits.end());
    process(watched_, scores, {ids_}, 1);
    hooks_.tracer->chose({&token, 1});
  }

  std::span<float> row(std::vector<float>& table, std::size_t i) const {
    return std::span(table).subspan(i * v_, v_);
  }

  Generator& random_;
  std::size_t v_;
  Processors processors_, watched_;
  Generator shadow_{0};  // what is only shown draws no number from the call's
  Tokens ids_;
  std::unique_ptr<Drafter> drafter_;
  std::vector<float> logits_, scores_;  // [c + 1, V]
  bool started_ = false;
};

}  // namespace

DecodeOutput assisted(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                      Generator& random, const DecodeHooks& hooks) {
  return Assisted(model, config, input, random, hooks).run();
}

}  // namespace typecase
