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
          Generator& random, const DecodeHooks& hooks, Drafter* drafter)
      : Loop(model, config, hooks),
        random_(random),
        v_(model.vocabulary()),
        processors_(build_processors(config, input, v_, hooks, &random)),
        drafter_(drafter) {
    out_.sequences = {input.ids.front()};
    const bool scores_seen =
        hooks.tracer != nullptr ||
        (config.return_dict_in_generate && (config.output_scores || config.output_logits));
    by_winner_ = model.finds_winners() && !config.do_sample && !scores_seen &&
                 std::all_of(processors_.begin(), processors_.end(), only_forbids_ends);
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
  /// A processor that changes a greedy choice only where that is an end token.
  static bool only_forbids_ends(const std::shared_ptr<Processor>& processor) {
    return processor->name() == "min_length" || processor->name() == "min_new_tokens";
  }

  /// One draft and its verification; false at the end.
  bool round() {
    Tokens draft = drafter_ == nullptr ? Tokens{} : drafter_->draft(ids()).tokens;
    draft.resize(std::min(draft.size(), config_.max_length - ids().size() - 1));
    Tokens fresh = draft;
    fresh.insert(fresh.begin(), ids().back());  // chosen, not computed yet
    compute(fresh);
    const std::size_t before = ids().size();
    std::size_t matches = 0;
    alone_ = false;
    bool goes_on = choose(0);
    while (goes_on && !alone_ && matches < draft.size() && ids().back() == draft[matches]) {
      goes_on = choose(++matches);
    }
    if (matches < draft.size() && !alone_) model_.truncate(before + matches);
    if (!draft.empty()) drafter_->verified(draft.size(), matches);
    return goes_on;
  }

  void compute(const Tokens& fresh) {
    if (by_winner_) {
      const auto winners = model_.winners(fresh);
      TYPECASE_CHECK(winners.size() == fresh.size());
      winners_.assign(winners.begin(), winners.end());
      return;
    }
    const auto rows = model_.step_many(fresh);
    TYPECASE_CHECK(rows.size() == fresh.size() * v_);
    logits_.assign(rows.begin(), rows.end());
  }

  /// The next token, after row i of the step; false when it is the last.
  bool choose(std::size_t i) {
    const bool won = by_winner_ && !winners_.empty();
    if (!won) return take(best(std::span(logits_).subspan(i * v_, v_)));
    const auto& eos = config_.eos_token_id;
    const bool ends = std::find(eos.begin(), eos.end(), winners_[i]) != eos.end();
    if (!ends || processors_.empty()) return take(winners_[i]);
    // It may be forbidden: then the scores of the others count.
    const TokenId last = ids().back();
    model_.truncate(ids().size() - 1);
    const auto row = model_.step_many({&last, 1});
    logits_.assign(row.begin(), row.end());
    alone_ = true;
    return take(best(logits_));
  }

  TokenId best(std::span<float> row) {
    record_step(config_, row, v_, out_.logits, config_.output_logits);
    process(processors_, row, out_.sequences, 1);
    record_step(config_, row, v_, out_.scores, config_.output_scores);
    if (!config_.do_sample) return argmax(row);
    TokenId next = 0;
    softmax(row, row);
    draw(row, v_, random_, {&next, 1});
    return next;
  }

  /// What the loop does with the token; false when it is the last.
  bool take(TokenId next) {
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
  Drafter* drafter_;
  bool by_winner_ = false;
  std::vector<float> logits_;  // [drafted + 1, V], or (by_winner_)
  Tokens winners_;             // [drafted + 1], none of the prompt
  bool alone_ = false;  // the last token was chosen from a row computed again, without drafts
};

}  // namespace

DecodeOutput one_text(Stepper& model, const EffectiveConfig& config, const DecodeInput& input,
                      Generator& random, const DecodeHooks& hooks, Drafter* drafter) {
  TYPECASE_CHECK(input.ids.size() == 1 && config.num_return_sequences == 1);
  return OneText(model, config, input, random, hooks, drafter).run();
}

}  // namespace typecase
