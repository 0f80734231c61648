#include "columns.h"
#include "tree.h"

#include <algorithm>
#include <cmath>

namespace typecase::cli {
namespace {

constexpr std::size_t kMostFactors = 3;

/// The node of `ids`, nullptr when the search never made it.
const BeamTree::Node* node_of(const BeamTree& tree, const Tokens& ids) {
  const auto list = tree.children.find(Tokens(ids.begin(), ids.end() - 1));
  if (list == tree.children.end()) return nullptr;
  const auto found = std::find_if(list->second.begin(), list->second.end(),
                                  [&](const BeamTree::Node& n) { return n.ids == ids; });
  return found == list->second.end() ? nullptr : &*found;
}

std::vector<BeamTree::Node> path_of(const BeamTree& tree, const Tokens& ids) {
  std::vector<BeamTree::Node> out;
  for (std::size_t n = 1; n <= ids.size(); ++n) {
    const auto* node =
        node_of(tree, Tokens(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(n)));
    if (node != nullptr) out.push_back(*node);
  }
  return out;
}

void follow_greedy(BeamTree& tree) {
  Tokens at;
  for (auto list = tree.children.find(at); list != tree.children.end();
       list = tree.children.find(at)) {
    const auto best = std::max_element(list->second.begin(), list->second.end(),
                                       [](const BeamTree::Node& a, const BeamTree::Node& b) {
                                         return a.candidate->score < b.candidate->score;
                                       });
    tree.greedy.push_back(*best);
    at = best->ids;
    if (best->candidate->ended) break;
  }
}

BeamTree::Ranked ranked(const BeamTree& tree, const Tokens& ids, float score) {
  BeamTree::Ranked out{.ids = ids, .factors = {}, .score = score};
  for (const auto& node : path_of(tree, ids)) {
    out.factors.push_back(std::exp(static_cast<double>(node.candidate->log_probability)));
    out.sum = node.candidate->score;
  }
  return out;
}

/// What the older searches return beside the finished ones: open hypotheses, counted as they stood.
void add_returned(BeamTree& tree, const Story& story, std::size_t prompt) {
  const std::size_t each =
      story.end.sequences.size() / std::max<std::size_t>(story.begin.prompts.size(), 1);
  const auto start = static_cast<std::ptrdiff_t>(story.begin.prompts.at(prompt).size());
  for (std::size_t i = prompt * each; i < (prompt + 1) * each; ++i) {
    const auto& s = story.end.sequences[i];
    if (!s.score) continue;
    const auto from = s.ids.begin() + start;
    const Tokens ids(from, from + static_cast<std::ptrdiff_t>(s.length));
    const bool known = std::any_of(tree.ranking.begin(), tree.ranking.end(),
                                   [&](const BeamTree::Ranked& r) { return r.ids == ids; });
    if (known || ids.empty() || path_of(tree, ids).size() < ids.size()) continue;
    tree.ranking.push_back(ranked(tree, ids, *s.score));
  }
  std::stable_sort(tree.ranking.begin(), tree.ranking.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
}

/// Hypotheses that were among the finished ones until better ones came.
void add_displaced(BeamTree& tree) {
  const auto in_ranking = [&](const Tokens& ids) {
    return std::any_of(tree.ranking.begin(), tree.ranking.end(),
                       [&](const BeamTree::Ranked& r) { return r.ids == ids; });
  };
  std::vector<BeamTree::Ranked> displaced;
  for (const auto& [parent, nodes] : tree.children) {
    for (const auto& node : nodes) {
      if (node.candidate->fate != "finished" || in_ranking(node.ids)) continue;
      displaced.push_back(ranked(tree, node.ids, *node.candidate->final_score));
      displaced.back().displaced = true;
    }
  }
  std::sort(displaced.begin(), displaced.end(), [](const auto& a, const auto& b) {
    return a.score != b.score ? a.score > b.score : a.ids < b.ids;
  });
  tree.ranking.insert(tree.ranking.end(), displaced.begin(), displaced.end());
}

}  // namespace

BeamTree tree_of(const Story& story, std::size_t prompt) {
  BeamTree tree;
  const trace::BeamStep* last = nullptr;
  for (const auto& step : story.beams) {
    if (step.prompt != prompt) continue;
    last = &step;
    for (const auto& c : step.candidates) {
      const Tokens& parent = step.open.at(c.parent).ids;
      Tokens ids = parent;
      ids.push_back(c.id);
      tree.children[parent].push_back({&c, &step, std::move(ids)});
    }
  }
  if (last == nullptr) return tree;
  tree.length_penalty = last->length_penalty;
  for (const auto& f : last->finished) tree.ranking.push_back(ranked(tree, f.ids, f.score));
  add_returned(tree, story, prompt);
  add_displaced(tree);
  follow_greedy(tree);
  return tree;
}

std::string why_not(const trace::BeamStep::Candidate& c) {
  if (c.why == "num_beams") return "pruned: rank " + std::to_string(c.rank + 1);
  if (c.why == "ended_outside_beams") return "pruned: ends at rank " + std::to_string(c.rank + 1);
  if (c.why == "worse_than_finished") return "ends, not good enough";
  if (c.why == "not_improvable") return "ends, too late";
  if (c.why == "constraints_unmet") return "ends, a constraint is open";
  if (c.why == "constraint") return "kept for a constraint";
  return "";
}

std::string product(const std::vector<double>& factors) {
  double all = 1;
  std::string out;
  for (const double f : factors) {
    all *= f;
    out += (out.empty() ? "" : " × ") + decimal(f, 2);
  }
  const std::string value = decimal(all, all < 0.01 ? 6 : all < 0.1 ? 4 : 2);
  if (factors.size() > kMostFactors) return value;
  return factors.size() > 1 ? out + " = " + value : value;
}

std::string arithmetic(const BeamTree::Ranked& r, double length_penalty) {
  return decimal(static_cast<double>(r.sum), 3) + " / " + std::to_string(r.ids.size()) + "^" +
         short_number(length_penalty) + " = " + decimal(static_cast<double>(r.score), 3);
}

std::string stop_sentence(const std::string& reason) {
  if (reason == "all_finished") return "The search ended: every candidate is finished.";
  if (reason == "not_improvable") {
    return "The search ended: no open hypothesis can still beat the finished ones.";
  }
  if (reason == "early_stopping") return "The search ended: num_beams hypotheses are finished.";
  if (reason == "all_closed") return "The search ended: no group's finished ones can be beaten.";
  if (reason == "interrupted") return "Interrupted.";
  return "";
}

}  // namespace typecase::cli
