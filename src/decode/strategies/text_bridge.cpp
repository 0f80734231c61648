#include "decode/strategies/text_bridge.h"

#include "base/checked.h"
#include "decode/order.h"
#include "decode/softmax.h"

#include <algorithm>

namespace typecase {
namespace {

Tokens last(const Tokens& ids, std::size_t n) {
  return {ids.end() - static_cast<std::ptrdiff_t>(std::min(n, ids.size())), ids.end()};
}

void append(Tokens& to, const Tokens& more) { to.insert(to.end(), more.begin(), more.end()); }

}  // namespace

std::optional<Splice> splice(const Tokens& old, const Tokens& fresh) {
  std::size_t longest = 0, in_fresh = 0, in_old = 0;
  // run[j]: the run of equal ids that begins at fresh[i], old[j]; from the end, so that it is
  // known.
  std::vector<std::size_t> run(old.size() + 1, 0);
  for (std::size_t i = fresh.size(); i-- > 0;) {
    for (std::size_t j = 0; j < old.size(); ++j) {  // run[j + 1] is still that of i + 1
      run[j] = fresh[i] == old[j] ? run[j + 1] + 1 : 0;
    }
    for (std::size_t j = old.size(); j-- > 0;) {
      if (run[j] == 0 || run[j] < longest) continue;  // of equal ones the first: the last seen here
      longest = run[j];
      in_fresh = i;
      in_old = j;
    }
  }
  if (longest == 0) return std::nullopt;
  Splice out{.stale = old.size() - in_old - longest};
  const std::size_t at = in_fresh + longest;
  const std::size_t end = std::min(at + out.stale, fresh.size());
  const auto from = [&](std::size_t i) { return fresh.begin() + static_cast<std::ptrdiff_t>(i); };
  out.instead.assign(from(at), from(end));
  out.more.assign(from(end), fresh.end());
  return out;
}

TextBridge::TextBridge(const EffectiveConfig& config, const DecodeHooks& hooks)
    : config_(config), assistant_(*hooks.assistant), settings_(assistant_.config) {
  const auto count = [&](const char* name, std::size_t fallback) {
    const auto n = assistant_.config.integer(name);
    return n && *n >= 0 ? static_cast<std::size_t>(*n) : fallback;
  };
  target_lookbehind_ = count("target_lookbehind", 10);
  assistant_lookbehind_ = count("assistant_lookbehind", 10);
}

Tokens TextBridge::to_assistant(const Tokens& ids) const {
  if (assistant_ids_.empty() || ids_before_ <= target_lookbehind_) {
    return assistant_.to_assistant(ids);
  }
  const auto start = static_cast<std::ptrdiff_t>(ids_before_ - target_lookbehind_);
  const Tokens fresh = assistant_.to_assistant({ids.begin() + start, ids.end()});
  Tokens out = assistant_ids_;
  const auto found = splice(last(out, fresh.size()), fresh);
  if (!found) {
    append(out, fresh);
    return out;
  }
  if (!found->instead.empty()) {  // else the stale ones stay, as in the reference
    out.resize(out.size() - found->stale);
    append(out, found->instead);
  }
  append(out, found->more);
  return out;
}

/// What the target's text has behind `ids`, of the assistant's `all`, `before` of which are older.
Tokens TextBridge::from_assistant(const Tokens& ids, const Tokens& all, std::size_t before) const {
  const std::size_t overlap = assistant_lookbehind_;
  // Where the text is shorter than the overlap, the reference counts from the other end.
  const std::size_t start =
      before >= overlap ? before - overlap : all.size() - std::min(all.size(), overlap - before);
  const Tokens fresh =
      assistant_.to_target({all.begin() + static_cast<std::ptrdiff_t>(start), all.end()});
  const auto found = splice(last(ids, fresh.size()), fresh);
  return found ? found->more : fresh;
}

std::span<const float> TextBridge::follow(const Tokens& ids) {
  std::size_t keep = 0;
  while (keep < seen_.size() && keep + 1 < ids.size() && seen_[keep] == ids[keep]) ++keep;
  if (stepper_ == nullptr || keep < started_) {  // what it started with cannot be taken back
    stepper_ = assistant_.start(ids, std::vector<std::uint8_t>(ids.size(), 1));
    TYPECASE_CHECK(stepper_ != nullptr);
    seen_ = ids;
    started_ = ids.size();
    return stepper_->prefill();
  }
  if (keep < seen_.size()) stepper_->truncate(keep);
  const Tokens fresh(ids.begin() + static_cast<std::ptrdiff_t>(keep), ids.end());
  seen_ = ids;
  return stepper_->step_many(fresh).last(stepper_->vocabulary());
}

void TextBridge::go_on(Tokens& ids) {
  auto logits = follow(ids);
  const auto& eos = assistant_.eos_token_id;
  for (std::size_t n = 0; n < settings_.tokens; ++n) {
    const TokenId next = argmax(logits);
    std::vector<float> p(logits.size());
    softmax(logits, p);
    ids.push_back(next);
    const bool unsure =
        static_cast<double>(p[static_cast<std::size_t>(next)]) < settings_.threshold;
    if (unsure || std::find(eos.begin(), eos.end(), next) != eos.end()) return;
    if (n + 1 < settings_.tokens) {
      logits = stepper_->step({&next, 1});
      seen_.push_back(next);
    }
  }
}

Draft TextBridge::draft(const Tokens& ids) {
  Tokens translated = to_assistant(ids);
  ids_before_ = ids.size();
  if (translated.empty()) return {};
  const std::size_t before = translated.size();
  go_on(translated);
  Draft out{.tokens = from_assistant(ids, translated, before), .scores = {}};
  assistant_ids_ = std::move(translated);
  const std::size_t room = config_.max_length - std::min(config_.max_length, ids.size());
  out.tokens.resize(std::min(out.tokens.size(), room));
  return out;
}

void TextBridge::verified(std::size_t drafted, std::size_t matches) {
  if (settings_.adapts) settings_.adapt(matches == drafted);
}

}  // namespace typecase
