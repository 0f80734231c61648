#include "story.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace typecase::cli {
namespace {

/// Gathers a row's events of one step.
class Teller {
 public:
  explicit Teller(Story& story) : story_(story) {}

  void operator()(const trace::Begin& e) { story_.begin = e; }
  void operator()(const trace::Logits& e) {
    RowStep& s = step(e.at);
    for (const auto& c : e.top) s.bars.push_back({.id = c.id, .raw = c.probability});
  }
  void operator()(const trace::Processed& e) {
    RowStep& s = step(e.at);
    s.processors.push_back(e);
    for (const auto& change : e.shown) {
      if (std::isinf(change.after) && change.after < 0) bar(s, change.id).cut_by = e.name;
    }
  }
  void operator()(const trace::Distribution& e) {
    RowStep& s = step(e.at);
    s.kept = e.kept;
    for (const auto& k : e.top) {
      Bar& b = bar(s, k.id);
      b.raw = k.raw_probability;
      b.after = k.probability;
      b.cut_by.clear();
    }
  }
  void operator()(const trace::Choice& e) {
    RowStep& s = step(e.at);
    s.choice = e;
    Bar& b = bar(s, e.id);
    b.raw = e.raw_probability;
    b.after = e.probability;
    b.chosen = true;
  }
  void operator()(const trace::Finish& e) { step(e.at).finish = e.reason; }
  void operator()(const trace::BeamStep& e) { story_.beams.push_back(e); }
  void operator()(const trace::Contrast& e) { step(e.at).contrast = e; }
  void operator()(const trace::Draft& e) { step(e.at).draft = e; }
  void operator()(const trace::Stop& e) { story_.stop = e.reason; }
  void operator()(const trace::End& e) { story_.end = e; }

  void finish() {
    // Rows without a choice are hypotheses: of beams, drawn as a tree, or of drafts.
    const bool chosen = std::any_of(steps_.begin(), steps_.end(),
                                    [](const auto& s) { return s.second.has_choice(); });
    if (story_.has_beams() || !chosen) return;
    for (auto& [at, s] : steps_) {
      const auto by_raw = [](const Bar& a, const Bar& b) {
        return a.raw != b.raw ? a.raw > b.raw : a.id < b.id;
      };
      if (!s.has_choice()) continue;
      std::sort(s.bars.begin(), s.bars.end(), by_raw);
      Tokens& text = texts_[s.row];
      if (text.empty()) text = story_.begin.prompts.at(s.row / story_.begin.rows_per_prompt);
      s.before = text;
      text.push_back(s.choice.id);
      story_.steps.push_back(std::move(s));
    }
  }

 private:
  RowStep& step(const trace::Place& at) {
    RowStep& s = steps_[{at.row, at.step}];
    s.row = at.row;
    s.step = at.step;
    return s;
  }
  static Bar& bar(RowStep& s, TokenId id) {
    const auto same = [id](const Bar& b) { return b.id == id; };
    const auto found = std::find_if(s.bars.begin(), s.bars.end(), same);
    if (found != s.bars.end()) return *found;
    s.bars.push_back({.id = id});
    return s.bars.back();
  }
  Story& story_;
  std::map<std::pair<std::size_t, std::size_t>, RowStep> steps_{};  // (row, step)
  std::map<std::size_t, Tokens> texts_{};
};

}  // namespace

Story story_of(const std::vector<trace::Event>& events) {
  Story story;
  Teller teller(story);
  for (const auto& event : events) std::visit(teller, event);
  teller.finish();
  return story;
}

std::vector<Story> groups_of(const Story& story) {
  std::size_t groups = 0;
  for (const auto& step : story.beams) groups = std::max(groups, step.group + 1);
  std::vector<Story> out(groups, story);
  for (std::size_t g = 0; g < groups; ++g) {
    std::erase_if(out[g].beams, [g](const trace::BeamStep& step) { return step.group != g; });
  }
  return out;
}

std::string with_value(const std::string& processor, const Json& config) {
  const Json* value = config.find(processor);
  if (value == nullptr || !(value->is_number() || value->is_bool())) return processor;
  return processor + " " + value->dump();
}

}  // namespace typecase::cli
