#include "decode/processors/guidance.h"

#include "base/checked.h"
#include "decode/softmax.h"
#include "decode/strategies/rows.h"

namespace typecase {

void Guidance::apply(std::span<float> scores, const ScoreRow& row) { apply_all(scores, {&row, 1}); }

void Guidance::apply_all(std::span<float> scores, std::span<const ScoreRow> rows) {
  const std::size_t v = scores.size() / rows.size();
  std::vector<float> u;
  if (!started_) {
    u = prefill_repeated(unconditional_, rows.size() / rows_per_prompt_, rows_per_prompt_);
    started_ = true;
  } else {
    Tokens last;
    for (const ScoreRow& row : rows) last.push_back(row.ids.back());
    const auto logits = unconditional_.step(last);
    u.assign(logits.begin(), logits.end());
  }
  TYPECASE_CHECK(u.size() == scores.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto s = scores.subspan(i * v, v);
    const auto ui = std::span(u).subspan(i * v, v);
    log_softmax(s, s);
    log_softmax(ui, ui);
    if (round_) round_(ui);
    for (std::size_t j = 0; j < v; ++j) s[j] = scale_ * (s[j] - ui[j]) + ui[j];
  }
}

}  // namespace typecase
