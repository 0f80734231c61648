#include "decode/strategies/rows.h"

#include "base/checked.h"

namespace typecase {

std::vector<Tokens> repeated(const std::vector<Tokens>& rows, std::size_t times) {
  std::vector<Tokens> out;
  out.reserve(rows.size() * times);
  for (const Tokens& row : rows) out.insert(out.end(), times, row);
  return out;
}

std::vector<float> prefill_repeated(Stepper& model, std::size_t prompts, std::size_t times) {
  const std::size_t v = model.vocabulary();
  const auto first = model.prefill();
  TYPECASE_CHECK(first.size() == prompts * v);
  std::vector<float> out;
  out.reserve(prompts * times * v);
  std::vector<std::size_t> parents;
  for (std::size_t p = 0; p < prompts; ++p) {
    const auto row = first.subspan(p * v, v);
    for (std::size_t t = 0; t < times; ++t) {
      out.insert(out.end(), row.begin(), row.end());
      parents.push_back(p);
    }
  }
  if (times > 1) model.select(parents);
  return out;
}

void process(const Processors& processors, std::span<float> scores,
             const std::vector<Tokens>& sequences, std::size_t rows_per_prompt) {
  std::vector<ScoreRow> rows(sequences.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = {.ids = sequences[i], .prompt = i / rows_per_prompt, .index = i};
  }
  for (const auto& processor : processors) processor->apply_all(scores, rows);
}

void record_step(const EffectiveConfig& config, std::span<const float> rows, std::size_t vocabulary,
                 std::vector<std::vector<std::vector<float>>>& steps, bool wanted) {
  if (!config.return_dict_in_generate || !wanted) return;
  std::vector<std::vector<float>> step;
  for (std::size_t at = 0; at < rows.size(); at += vocabulary) {
    const auto row = rows.subspan(at, vocabulary);
    step.emplace_back(row.begin(), row.end());
  }
  steps.push_back(std::move(step));
}

}  // namespace typecase
