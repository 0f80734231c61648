#include "decode/trace/tracer.h"

#include "decode/cut.h"
#include "decode/trace/probabilities.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace typecase {
namespace {

/// Stands before the first processor and sees what the model gave.
class First : public Processor {
 public:
  explicit First(Tracer& tracer) : tracer_(tracer) {}
  std::string_view name() const override { return "trace"; }
  void apply(std::span<float>, const ScoreRow&) override {}
  void apply_all(std::span<float> scores, std::span<const ScoreRow> rows) override {
    tracer_.saw_logits(scores, rows.size());
  }

 private:
  Tracer& tracer_;
};

/// Stands behind the last one.
class Last : public First {
 public:
  explicit Last(Tracer& tracer) : First(tracer), tracer_(tracer) {}
  void apply_all(std::span<float> scores, std::span<const ScoreRow> rows) override {
    tracer_.saw_distribution(scores, rows.size());
  }

 private:
  Tracer& tracer_;
};

/// A processor between two looks.
class Between : public Processor {
 public:
  Between(std::shared_ptr<Processor> inner, Tracer& tracer)
      : inner_(std::move(inner)), tracer_(tracer) {}
  std::string_view name() const override { return inner_->name(); }
  void apply(std::span<float> scores, const ScoreRow& row) override { inner_->apply(scores, row); }
  void apply_all(std::span<float> scores, std::span<const ScoreRow> rows) override {
    before_.assign(scores.begin(), scores.end());
    inner_->apply_all(scores, rows);
    tracer_.saw_change(name(), before_, scores, rows.size());
  }
  void reorder(std::span<const std::size_t> parents) override { inner_->reorder(parents); }

 private:
  std::shared_ptr<Processor> inner_;
  Tracer& tracer_;
  std::vector<float> before_;
};

std::span<const float> row_of(std::span<const float> all, std::size_t rows, std::size_t row) {
  const std::size_t v = all.size() / rows;
  return all.subspan(row * v, v);
}

bool same_bits(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

std::size_t above_cut(std::span<const float> scores) {
  return static_cast<std::size_t>(
      std::count_if(scores.begin(), scores.end(), [](float s) { return s > kCut; }));
}

}  // namespace

Tracer::Tracer(const trace::Observer& observer, const EffectiveConfig& config)
    : observer_(observer), config_(config) {}

Processors Tracer::watched(Processors processors) {
  Processors out{std::make_shared<First>(*this)};
  for (auto& processor : processors) {
    out.push_back(std::make_shared<Between>(std::move(processor), *this));
  }
  out.push_back(std::make_shared<Last>(*this));
  return out;
}

void Tracer::begin(const DecodeInput& input, std::size_t vocabulary) {
  emit(trace::Begin{.mode = std::string(name_of(config_.mode)),
                    .prompts = input.ids,
                    .rows_per_prompt = std::max(config_.num_beams, config_.num_return_sequences),
                    .vocabulary = vocabulary,
                    .config = config_.all.to_json()});
}

void Tracer::saw_logits(std::span<const float> scores, std::size_t rows) {
  if (group_ == 0) ++step_;
  rows_.resize(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    Row& row = rows_[i];
    if (!row.alive) continue;
    const auto s = row_of(scores, rows, i);
    row.raw.assign(s.begin(), s.end());
    const auto p = probabilities_of(s);
    trace::Logits event{
        .at = at(i), .top = top_candidates(s, p, observer_.candidates), .entropy = entropy_of(p)};
    row.shown.clear();
    for (const auto& c : event.top) row.shown.push_back(c.id);
    emit(std::move(event));
  }
}

void Tracer::saw_change(std::string_view name, std::span<const float> before,
                        std::span<const float> after, std::size_t rows) {
  for (std::size_t i = 0; i < rows && i < rows_.size(); ++i) {
    if (rows_[i].alive) change_of_row(name, row_of(before, rows, i), row_of(after, rows, i), i);
  }
}

void Tracer::change_of_row(std::string_view name, std::span<const float> before,
                           std::span<const float> after, std::size_t row) {
  trace::Processed event{.at = at(row), .name = std::string(name), .kept = above_cut(after)};
  std::vector<std::size_t> cut;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (same_bits(before[i], after[i])) continue;
    if (after[i] == kCut) {
      cut.push_back(i);
    } else {
      ++event.changed;
    }
  }
  event.cut = cut.size();
  if (event.cut + event.changed == 0) return;
  if (!cut.empty()) {
    const auto p = probabilities_of(before);
    for (const std::size_t i : cut) event.mass_cut += p[i];
  }
  for (const TokenId id : rows_[row].shown) {
    const auto i = static_cast<std::size_t>(id);
    if (same_bits(before[i], after[i])) continue;
    event.shown.push_back({.id = id, .before = before[i], .after = after[i]});
  }
  emit(std::move(event));
}

std::vector<TokenId> Tracer::shown_after(const Row& row, std::span<const float> scores,
                                         std::span<const double> p) const {
  std::vector<TokenId> ids;
  for (const auto& c : top_candidates(scores, p, observer_.candidates)) ids.push_back(c.id);
  const auto at = [&](TokenId id) { return scores[static_cast<std::size_t>(id)]; };
  for (const TokenId id : row.shown) {
    if (at(id) > kCut && std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end(),
            [&](TokenId a, TokenId b) { return at(a) != at(b) ? at(a) > at(b) : a < b; });
  return ids;
}

void Tracer::saw_distribution(std::span<const float> scores, std::size_t rows) {
  for (std::size_t i = 0; i < rows && i < rows_.size(); ++i) {
    Row& row = rows_[i];
    if (!row.alive) continue;
    const auto s = row_of(scores, rows, i);
    row.last.assign(s.begin(), s.end());
    const auto p = probabilities_of(s);
    trace::Distribution event{.at = at(i), .kept = above_cut(s), .entropy = entropy_of(p)};
    const auto raw = probabilities_of(row.raw);
    for (const TokenId id : shown_after(row, s, p)) {
      const auto at_id = static_cast<std::size_t>(id);
      event.top.push_back(
          {.id = id, .score = s[at_id], .raw_probability = raw[at_id], .probability = p[at_id]});
    }
    emit(std::move(event));
  }
}

void Tracer::chose(std::span<const TokenId> tokens) {
  for (std::size_t i = 0; i < tokens.size() && i < rows_.size(); ++i) {
    const Row& row = rows_[i];
    if (!row.alive) continue;
    const auto id = static_cast<std::size_t>(tokens[i]);
    emit(trace::Choice{.at = at(i),
                       .id = tokens[i],
                       .drawn = config_.do_sample,
                       .raw_probability = probabilities_of(row.raw).at(id),
                       .probability = probabilities_of(row.last).at(id)});
  }
}

void Tracer::finished(std::size_t row, std::string_view reason) {
  if (row < rows_.size()) rows_[row].alive = false;
  emit(trace::Finish{.at = at(row), .reason = std::string(reason)});
}

trace::Place Tracer::at(std::size_t row) const {
  if (group_width_ == 0) return {.step = step_, .row = row};
  const std::size_t prompt = row / group_width_;
  return {.step = step_, .row = prompt * beams_ + group_ * group_width_ + row % group_width_};
}

void Tracer::group(std::size_t index, std::size_t width, std::size_t beams) {
  group_ = index;
  group_width_ = width;
  beams_ = beams;
}

void Tracer::weighed(std::size_t row, std::vector<trace::Contrast::Candidate> candidates) {
  if (row < rows_.size() && !rows_[row].alive) return;
  emit(trace::Contrast{.at = at(row), .candidates = std::move(candidates)});
}

void Tracer::drafted(const Tokens& ids, std::size_t accepted) {
  emit(trace::Draft{.at = {.step = step_ + 1, .row = 0}, .ids = ids, .accepted = accepted});
}

void Tracer::stopped(std::string_view reason) {
  emit(trace::Stop{.step = step_, .reason = std::string(reason)});
}

void Tracer::end(const DecodeOutput& out) {
  trace::End event;
  for (std::size_t i = 0; i < out.sequences.size(); ++i) {
    trace::End::Sequence s{.ids = out.sequences[i],
                           .length = out.sequences[i].size() - config_.prompt_length};
    if (i < out.beam_indices.size()) {
      const auto& from = out.beam_indices[i];
      s.length = static_cast<std::size_t>(std::find(from.begin(), from.end(), -1) - from.begin());
    }
    if (i < out.sequences_scores.size()) s.score = out.sequences_scores[i];
    Tokens ids(s.ids.begin(),
               s.ids.begin() + static_cast<std::ptrdiff_t>(config_.prompt_length + s.length));
    if (const auto sum = sums_.find(ids); sum != sums_.end()) s.sum = sum->second;
    event.sequences.push_back(std::move(s));
  }
  emit(std::move(event));
}

}  // namespace typecase
