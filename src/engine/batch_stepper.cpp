#include "engine/batch_stepper.h"

#include "base/checked.h"

#include <algorithm>
#include <utility>

namespace typecase {
namespace {

/// Prompts are computed in pieces of this many rows, so that activations stay small.
constexpr std::size_t kChunk = 512;

}  // namespace

std::vector<Row> prompt_rows(SequenceId sequence, const Tokens& prompt, const Mask& mask,
                             PositionSource source, bool keep_leading) {
  std::vector<Row> rows;
  std::int32_t seen = 0;
  for (std::size_t i = 0; i < prompt.size(); ++i) {
    const bool visible = mask[i] != 0;
    const bool last = i + 1 == prompt.size();
    if (!visible && seen == 0 && !keep_leading && !last) continue;
    const auto slot = static_cast<std::int32_t>(rows.size());
    const std::int32_t by_mask = visible ? seen : 0;
    seen += visible;
    rows.push_back({.sequence = sequence,
                    .token = prompt[i],
                    .slot = slot,
                    .position = source == PositionSource::slot ? slot : by_mask,
                    .visible = visible,
                    .logits = last});
  }
  return rows;
}

std::vector<Row> text_rows(SequenceId sequence, const Tokens& text, const Mask& mask,
                           const Plan& plan, bool keep_ends) {
  std::size_t first = 0, last = mask.size();
  while (!keep_ends && first < last && mask[first] == 0) ++first;
  while (!keep_ends && last > first && mask[last - 1] == 0) --last;
  std::vector<Row> rows;
  std::int32_t words = 0;
  for (std::size_t i = 0; i < last; ++i) {
    const bool word = text[i] != plan.pad_token_id;
    words += word;
    if (i < first) continue;
    const auto slot = static_cast<std::int32_t>(i);
    const bool counted = plan.position_source == PositionSource::non_pad_ids;
    rows.push_back({.sequence = sequence,
                    .token = text[i],
                    .slot = static_cast<std::int32_t>(rows.size()),
                    .position = !counted ? slot
                                : word   ? words
                                         : 0,
                    .visible = mask[i] != 0});
  }
  return rows;
}

bool depends_on_length(const Plan& plan) {
  const auto& blocks = plan.decoder.blocks;
  return std::any_of(blocks.begin(), blocks.end(), [](const Block& block) {
    const Rope* rope = std::get_if<Rope>(&block.attention.position);
    return rope != nullptr && (rope->dynamic || rope->long_table);
  });
}

void set_rotary_length(std::span<Row> rows) {
  std::int32_t longest = 0;
  for (const Row& row : rows) longest = std::max(longest, row.position + 1);
  for (Row& row : rows) row.rotary_length = longest;
}

BatchStepper::BatchStepper(Executor& executor, const Plan& plan, const std::vector<Tokens>& prompts,
                           const std::vector<Mask>& mask, int layer_limit)
    : executor_(executor), plan_(plan), prompts_(prompts), mask_(mask) {
  taps_.layer_limit = layer_limit;
}

BatchStepper::~BatchStepper() {
  for (const Sequence& s : sequences_) executor_.drop(s.id);
}

void BatchStepper::read(std::vector<Tokens> texts, std::vector<Mask> mask) {
  TYPECASE_CHECK(texts.size() == prompts_.size() && mask.size() == texts.size());
  texts_ = std::move(texts);
  texts_mask_ = std::move(mask);
}

bool BatchStepper::begin_with(SequenceId sequence, std::size_t length) {
  TYPECASE_CHECK(prompts_.size() == 1 && length > 0 && length < prompts_[0].size());
  if (taps_.hidden_states || keeps_states_ || taps_.layer_limit > 0) return false;
  beginning_ = {sequence, length};
  return true;
}

std::optional<SequenceId> BatchStepper::release() {
  if (sequences_.size() != 1) return std::nullopt;
  const SequenceId id = sequences_.front().id;
  sequences_.clear();
  return id;
}

std::size_t BatchStepper::vocabulary() const {
  return static_cast<std::size_t>(executor_.vocabulary());
}

std::span<const float> BatchStepper::prefill() {
  std::vector<Row> rows;
  std::vector<StepShape> shapes;
  for (std::size_t i = 0; i < prompts_.size(); ++i) {
    // What watch() asks for, it asks for of every slot.
    const bool begun = beginning_ && !taps_.hidden_states;
    sequences_.push_back(
        {begun ? executor_.fork(beginning_->sequence) : executor_.create(), 0, 0, 0, i});
    Sequence& s = sequences_.back();
    if (!texts_.empty()) {
      executor_.encode(s.id, text_rows(s.id, texts_[i], texts_mask_[i], plan_));
    }
    auto own = prompt_rows(s.id, prompts_[i], mask_[i], plan_.position_source, false);
    s.next_slot = own.back().slot + 1;
    s.next_position = own.back().position + 1;
    s.skipped = prompts_[i].size() - own.size();
    shapes.push_back({.skipped = s.skipped, .first = 0, .length = prompts_[i].size()});
    if (begun) {
      executor_.truncate(s.id, static_cast<std::int32_t>(beginning_->length));
      own.erase(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(beginning_->length));
    }
    rows.insert(rows.end(), own.begin(), own.end());
  }
  const auto logits = run(rows);
  if (taps_.hidden_states) keep_context(rows);
  if (keeps_states_) states_.push_back(step_states(inside_, shapes));
  return logits;
}

std::span<float> BatchStepper::run(std::vector<Row> rows) {
  set_rotary_length(rows);
  logits_.clear();
  winners_.clear();
  every_hidden_.clear();
  hidden_.clear();
  early_.assign(taps_.early_layers.size(), {});
  inside_ = {};
  for (std::size_t at = 0; at < rows.size(); at += kChunk) {
    const auto piece = std::span(rows).subspan(at, std::min(kChunk, rows.size() - at));
    Output out = executor_.forward(piece, taps_);
    if (logits_.empty()) {  // millions of numbers, when many texts ask
      logits_.swap(out.logits);
    } else {
      logits_.insert(logits_.end(), out.logits.begin(), out.logits.end());
    }
    winners_.insert(winners_.end(), out.winners.begin(), out.winners.end());
    for (std::size_t n = 0; n < out.early_logits.size(); ++n) {
      early_[n].insert(early_[n].end(), out.early_logits[n].begin(), out.early_logits[n].end());
    }
    if (taps_.hidden_states) keep_hidden(piece, out);
    if (keeps_states_) keep_states(std::move(out));
  }
  return logits_;
}

void BatchStepper::keep_states(bool hidden, bool attentions) {
  keeps_states_ = hidden || attentions;
  taps_.hidden_states = hidden;
  taps_.attentions = attentions;
}

/// A piece of a call behind the pieces before it.
void BatchStepper::keep_states(Output&& out) {
  inside_.hidden_states.resize(out.hidden_states.size());
  for (std::size_t i = 0; i < out.hidden_states.size(); ++i) {
    auto& to = inside_.hidden_states[i];
    to.insert(to.end(), out.hidden_states[i].begin(), out.hidden_states[i].end());
  }
  inside_.attentions.resize(out.attentions.size());
  for (std::size_t i = 0; i < out.attentions.size(); ++i) {
    for (auto& row : out.attentions[i]) inside_.attentions[i].push_back(std::move(row));
  }
}

void BatchStepper::watch(const Watched& wanted) {
  taps_.hidden_states = wanted.hidden;
  taps_.early_layers = wanted.early_layers;
}

void BatchStepper::keep_hidden(std::span<const Row> rows, const Output& out) {
  const auto& last = out.hidden_states.back();
  every_hidden_.insert(every_hidden_.end(), last.begin(), last.end());
  const std::size_t width = last.size() / rows.size();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].logits) continue;
    const auto row = std::span(last).subspan(i * width, width);
    hidden_.insert(hidden_.end(), row.begin(), row.end());
  }
}

void BatchStepper::keep_context(std::span<const Row> rows) {
  context_.assign(prompts_.size(), {});
  const std::size_t width = every_hidden_.size() / rows.size();
  std::size_t prompt = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = std::span(every_hidden_).subspan(i * width, width);
    auto& to = context_[prompt];
    if (rows[i].visible) to.insert(to.end(), row.begin(), row.end());
    prompt += rows[i].logits;  // only the last slot of a prompt asks
  }
}

void BatchStepper::select(std::span<const std::size_t> parents) {
  if (keeps_states_ && !std::exchange(repeated_, true)) {
    for (auto* part : {&states_.at(0).hidden, &states_.at(0).attentions}) {
      for (auto& layer : *part) {
        std::vector<std::vector<float>> rows;
        for (const std::size_t parent : parents) rows.push_back(layer.at(parent));
        layer = std::move(rows);
      }
    }
  }
  std::vector<bool> taken(sequences_.size(), false);
  std::vector<Sequence> next;
  next.reserve(parents.size());
  for (const std::size_t parent : parents) {
    TYPECASE_CHECK(parent < sequences_.size());
    Sequence s = sequences_[parent];
    if (taken[parent]) s.id = executor_.fork(s.id);
    taken[parent] = true;
    next.push_back(s);
  }
  for (std::size_t i = 0; i < sequences_.size(); ++i) {
    if (!taken[i]) executor_.drop(sequences_[i].id);
  }
  sequences_ = std::move(next);
}

/// The rows of `tokens` behind a sequence; its other slots too where the plan wants them afresh.
std::vector<Row> BatchStepper::grow(Sequence& s, std::span<const TokenId> tokens) {
  std::vector<Row> rows;
  rows.reserve(tokens.size());
  const auto append = [&](TokenId token, bool logits) {
    rows.push_back({.sequence = s.id,
                    .token = token,
                    .slot = s.next_slot++,
                    .position = s.next_position++,
                    .logits = logits});
  };
  const auto limit = static_cast<std::size_t>(plan_.recompute_above);
  const auto before = s.skipped + static_cast<std::size_t>(s.next_slot);
  if (limit > 0 && before <= limit && before + tokens.size() > limit) {
    executor_.truncate(s.id, 0);
    rows = prompt_rows(s.id, prompts_[s.prompt], mask_[s.prompt], plan_.position_source, false);
    rows.back().logits = false;
    s.next_slot = rows.back().slot + 1;
    s.next_position = rows.back().position + 1;
    for (const TokenId token : s.grown) append(token, false);
  }
  for (const TokenId token : tokens) append(token, true);
  if (limit > 0) s.grown.insert(s.grown.end(), tokens.begin(), tokens.end());
  return rows;
}

std::span<float> BatchStepper::step(std::span<const TokenId> tokens) {
  TYPECASE_CHECK(tokens.size() == sequences_.size());
  std::vector<Row> rows;
  std::vector<StepShape> shapes;
  rows.reserve(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    Sequence& s = sequences_[i];
    const auto own = grow(s, tokens.subspan(i, 1));
    rows.insert(rows.end(), own.begin(), own.end());
    const std::size_t length = s.skipped + static_cast<std::size_t>(s.next_slot);
    const std::size_t first = own.size() > 1 ? 0 : length - 1;
    shapes.push_back({.skipped = s.skipped, .first = first, .length = length});
  }
  const auto logits = run(std::move(rows));
  if (keeps_states_) states_.push_back(step_states(inside_, shapes));
  return logits;
}

std::span<const float> BatchStepper::step_many(std::span<const TokenId> tokens) {
  TYPECASE_CHECK(sequences_.size() == 1);
  return run(grow(sequences_.front(), tokens));
}

std::span<const float> BatchStepper::catch_up(std::span<const TokenId> tokens) {
  TYPECASE_CHECK(sequences_.size() == 1 && !tokens.empty());
  std::vector<Row> rows = grow(sequences_.front(), tokens);
  for (Row& row : rows) row.logits = false;
  rows.back().logits = true;
  return run(std::move(rows));
}

bool BatchStepper::finds_winners() const {
  return executor_.finds_winners() && !keeps_states_ && taps_.layer_limit == 0 &&
         taps_.early_layers.empty();
}

std::span<const TokenId> BatchStepper::winners(std::span<const TokenId> tokens) {
  TYPECASE_CHECK(sequences_.size() == 1);
  taps_.winners = true;
  run(grow(sequences_.front(), tokens));
  taps_.winners = false;
  return winners_;
}

void BatchStepper::truncate(std::size_t length) {
  TYPECASE_CHECK(sequences_.size() == 1 && length >= prompts_[0].size());
  Sequence& s = sequences_.front();
  // Leading masked slots are not there, and what lies beyond the prompt is all visible.
  const Mask& mask = mask_[0];
  const auto first = std::find(mask.begin(), mask.end(), 1);
  const auto hidden = std::min<std::ptrdiff_t>(first - mask.begin(), std::ssize(mask) - 1);
  const auto keep = static_cast<std::int32_t>(static_cast<std::ptrdiff_t>(length) - hidden);
  TYPECASE_CHECK(keep <= s.next_slot);
  executor_.truncate(s.id, keep);
  s.next_position -= s.next_slot - keep;
  s.grown.resize(std::min(s.grown.size(), length - prompts_[0].size()));
  s.next_slot = keep;
}

}  // namespace typecase
