#include "decode/strategies/one_text.h"

#include "base/checked.h"
#include "decode/draw.h"
#include "decode/order.h"
#include "decode/processor_list.h"
#include "decode/softmax.h"
#include "decode/strategies/drafter.h"
#include "decode/strategies/loop.h"
#include "decode/strategies/rows.h"
#include "decode/trace/tracer.h"

#include <algorithm>

namespace typecase {
namespace {

class OneText : private Loop {
 public:
  OneText(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
          Generator& random, const DecodeHooks& hooks, Drafter& drafter)
      : Loop(model, config, hooks),
        random_(random),
        v_(model.vocabulary()),
        processors_(build_processors(config, input, v_, hooks, &random)),
        drafter_(drafter) {
    out_.sequences = {input.ids.front()};
  }

  DecodeOutput run() {
    const auto first = model_.prefill();
    TYPECASE_CHECK(first.size() == v_);
    logits_.assign(first.begin(), first.end());
    bool goes_on = choose(0);
    while (goes_on) goes_on = round();
    return std::move(out_);
  }

 private:
  /// One draft and its verification; false at the end.
  bool round() {
    Tokens draft = drafter_.draft(ids()).tokens;
    draft.resize(std::min(draft.size(), config_.max_length - ids().size() - 1));
    Tokens fresh = draft;
    fresh.insert(fresh.begin(), ids().back());  // chosen, not computed yet
    const auto rows = model_.step_many(fresh);
    TYPECASE_CHECK(rows.size() == fresh.size() * v_);
    logits_.assign(rows.begin(), rows.end());

    const std::size_t before = ids().size();
    bool goes_on = choose(0);
    std::size_t matches = 0;
    while (goes_on && matches < draft.size() && ids().back() == draft[matches]) {
      goes_on = choose(++matches);
    }
    if (matches < draft.size()) model_.truncate(before + matches);
    if (!draft.empty()) drafter_.verified(draft.size(), matches);
    return goes_on;
  }

  /// The next token, from row i of the logits; false when it is the last.
  bool choose(std::size_t i) {
    const auto row = std::span(logits_).subspan(i * v_, v_);
    record_step(config_, row, v_, out_.logits, config_.output_logits);
    process(processors_, row, out_.sequences, 1);
    record_step(config_, row, v_, out_.scores, config_.output_scores);
    TokenId next = 0;
    if (config_.do_sample) {
      softmax(row, row);
      draw(row, v_, random_, {&next, 1});
    } else {
      next = argmax(row);
    }
    if (hooks_.tracer != nullptr) hooks_.tracer->chose({&next, 1});
    stopping_.start_step();
    out_.sequences[0].push_back(next);
    const bool ends = stopping_.finished(ids());
    if (ends && hooks_.tracer != nullptr) hooks_.tracer->finished(0, stopping_.reason(ids()));
    if (hooks_.on_tokens) hooks_.on_tokens({&next, 1});
    const bool asked_to_stop = interrupted();
    out_.interrupted = asked_to_stop && !ends;
    if (out_.interrupted && hooks_.tracer != nullptr) hooks_.tracer->stopped("interrupted");
    return !ends && !asked_to_stop;
  }

  const Tokens& ids() const { return out_.sequences.front(); }

  Generator& random_;
  std::size_t v_;
  Processors processors_;
  Drafter& drafter_;
  std::vector<float> logits_;  // [drafted + 1, V]
};

}  // namespace

DecodeOutput one_text(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                      Generator& random, const DecodeHooks& hooks, Drafter& drafter) {
  TYPECASE_CHECK(input.ids.size() == 1 && config.num_return_sequences == 1);
  return OneText(model, config, input, random, hooks, drafter).run();
}

}  // namespace typecase
