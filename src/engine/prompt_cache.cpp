#include "decode/common_prefix.h"
#include "engine/kept_prompt.h"

#include <typecase/prompt_cache.h>

#include <algorithm>
#include <utility>

namespace typecase {
namespace {

/// Tokens computed between two questions whether to stop: some hundredths of a second.
constexpr std::size_t kPiece = 64;

}  // namespace

void PromptCache::Parts::lend(BatchStepper& stepper, const std::vector<Tokens>& ids,
                              const std::vector<Mask>& mask) {
  reused = 0;
  const bool visible =
      ids.size() == 1 && std::find(mask[0].begin(), mask[0].end(), 0) == mask[0].end();
  if (!sequence || !visible) return;
  // The last token is computed in any case: its logits begin the answer.
  const std::size_t length = std::min(common_prefix(tokens, ids[0]), ids[0].size() - 1);
  if (length > 0 && stepper.begin_with(*sequence, length)) reused = length;
}

void PromptCache::Parts::keep(BatchStepper& stepper, const Tokens& text) {
  if (depends_on_length(model.plan)) return;
  const std::optional<SequenceId> left = stepper.release();
  if (!left) return;
  const auto length = static_cast<std::size_t>(model.ready().length(*left));
  const std::size_t before = reused;
  clear();
  reused = before;
  if (length > text.size()) return model.ready().drop(*left);  // cannot say what it holds
  sequence = left;
  tokens.assign(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length));
}

void PromptCache::Parts::clear() noexcept {
  if (sequence) model.executor->drop(*sequence);
  sequence.reset();
  tokens.clear();
  reused = 0;
}

PromptCache::PromptCache(const Model& model)
    : parts_(std::make_unique<Parts>(Parts{.model = *model.parts_})) {}
PromptCache::PromptCache(PromptCache&&) noexcept = default;

PromptCache& PromptCache::operator=(PromptCache&& other) noexcept {
  std::swap(parts_, other.parts_);
  return *this;
}

PromptCache::~PromptCache() {
  if (parts_) parts_->clear();
}

const Tokens& PromptCache::tokens() const noexcept { return parts_->tokens; }
std::size_t PromptCache::reused() const noexcept { return parts_->reused; }
void PromptCache::clear() noexcept { parts_->clear(); }

bool PromptCache::read(const Tokens& ids, const std::function<bool()>& should_stop) {
  parts_->reused = 0;
  if (ids.empty() || depends_on_length(parts_->model.plan)) return true;
  Executor& executor = parts_->model.ready();
  if (!parts_->sequence) parts_->sequence = executor.create();
  const SequenceId sequence = *parts_->sequence;
  Tokens& held = parts_->tokens;
  held.resize(std::min(common_prefix(held, ids), ids.size() - 1));
  executor.truncate(sequence, static_cast<std::int32_t>(held.size()));
  parts_->reused = held.size();

  const Tokens prompt(ids.begin(), ids.end() - 1);
  if (prompt.empty()) return true;
  auto rows = prompt_rows(sequence, prompt, Mask(prompt.size(), 1),
                          parts_->model.plan.position_source, false);
  rows.back().logits = false;
  set_rotary_length(rows);
  while (held.size() < rows.size()) {
    if (should_stop && should_stop()) return false;
    const std::size_t piece = std::min(kPiece, rows.size() - held.size());
    executor.forward(std::span(rows).subspan(held.size(), piece));
    const auto from = prompt.begin() + std::ssize(held);
    held.insert(held.end(), from, from + static_cast<std::ptrdiff_t>(piece));
  }
  return true;
}

}  // namespace typecase
