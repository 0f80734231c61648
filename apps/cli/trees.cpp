#include "trees.h"

#include "columns.h"
#include "terminal.h"
#include "tree.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace typecase::cli {
namespace {

// tree and token 40 · p 7 · 1 · Σ 8 · 2 · fate 22 = 80
constexpr std::size_t kTree = 40;
constexpr std::size_t kWidestTree = 27;  // of which branches: the rest is for the token
constexpr std::size_t kLine = 80;

std::string painted(Paint colour, std::string_view text) {
  return paint(Stream::output, colour, text);
}

std::string trimmed(const std::string& text) {
  return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

class Drawer {
 public:
  Drawer(const Story& story, std::size_t prompt)
      : story_(story), prompt_(prompt), tree_(tree_of(story, prompt)) {
    std::size_t deepest = 1;
    for (const auto& [ids, nodes] : tree_.children) deepest = std::max(deepest, ids.size() + 1);
    indent_ = std::clamp<std::size_t>(kWidestTree / deepest, 1, 3);
  }

  std::string draw() {
    out_ += painted(Paint::bold, one_line(story_.text(story_.begin.prompts.at(prompt_)))) + "\n";
    out_ += painted(Paint::faint, fit("", kTree) + fit_right("p", 7) + fit_right("Σ ln p", 9) +
                                      "  what became of it") +
            "\n";
    branch({}, "");
    out_ += "\n" + ranking() + greedy();
    const std::string why = stop_sentence(story_.stop);
    if (!why.empty()) out_ += painted(Paint::faint, why) + "\n";
    return out_;
  }

 private:
  void branch(const Tokens& parent, const std::string& stem) {
    const auto list = tree_.children.find(parent);
    if (list == tree_.children.end()) return;
    for (std::size_t i = 0; i < list->second.size(); ++i) {
      const BeamTree::Node& node = list->second[i];
      const bool last = i + 1 == list->second.size();
      out_ += line_of(node, stem + joint(last, goes_on(node)));
      branch(node.ids, stem + (last ? " " : "│") + std::string(indent_ - 1, ' '));
    }
  }

  static bool goes_on(const BeamTree::Node& node) {
    return node.candidate->fate == "kept" || node.candidate->fate == "finished";
  }
  /// Kept edges are drawn through, pruned ones dashed.
  std::string joint(bool last, bool kept) const {
    std::string out = last ? "└" : "├";
    for (std::size_t i = 1; i + 1 < indent_; ++i) out += kept ? "─" : "╌";
    return indent_ > 1 ? out + " " : out;
  }

  std::string line_of(const BeamTree::Node& node, const std::string& branch) const {
    const auto& c = *node.candidate;
    const std::size_t used = width_of(std::string_view(branch)) + 2;
    const std::string name = visible(story_.token(c.id));
    const std::size_t room = kTree - std::min(kTree - 4, used);
    const std::string shown = width_of(std::string_view(name)) > room ? fit(name, room) : name;
    const std::string padding(room - std::min(room, width_of(std::string_view(shown))), ' ');
    const std::string token = c.fate == "finished" ? painted(Paint::green, shown)
                              : c.fate == "kept"   ? painted(Paint::cyan, shown)
                                                   : painted(Paint::struck, shown);
    const std::string mark = c.fate == "finished" ? "■ " : c.fate == "kept" ? "● " : "✗ ";
    return branch + mark + token + padding +
           fit_right(percent(std::exp(static_cast<double>(c.log_probability))), 7) +
           fit_right(decimal(static_cast<double>(c.score), 3), 9) + "  " + fate_of(c) + "\n";
  }

  static std::string fate_of(const trace::BeamStep::Candidate& c) {
    if (c.fate == "kept") return "goes on as beam " + std::to_string(*c.becomes + 1);
    if (c.fate == "finished")
      return painted(Paint::green, "finished: " + decimal(static_cast<double>(*c.final_score), 3));
    return painted(Paint::faint, why_not(c));
  }

  std::string ranking() const {
    std::string out = painted(Paint::bold, "Finished, best first") + "   Σ ln p / length^" +
                      short_number(tree_.length_penalty) + " = score\n";
    for (std::size_t i = 0; i < tree_.ranking.size(); ++i) out += ranking_line(i);
    return out;
  }

  std::string ranking_line(std::size_t i) const {
    const auto& r = tree_.ranking[i];
    const bool returned = i < returned_count();
    const std::string place = r.displaced ? "–" : std::to_string(i + 1);
    std::string line = (returned ? "▶ " : "  ") + fit(place, 3) +
                       fit(arithmetic(r, tree_.length_penalty), 25) + " " +
                       fit("p " + short_product(r.factors, 19), 21) + " ";
    std::string text = one_line(trimmed(story_.text(r.ids)));
    if (r.displaced) text += " (pushed out)";
    const std::size_t room = kLine - width_of(std::string_view(line));
    line += width_of(std::string_view(text)) > room ? fit(text, room) : text;
    return painted_as(line, returned, r.displaced) + "\n";
  }

  /// The factors where they fit, else what they come to.
  static std::string short_product(const std::vector<double>& factors, std::size_t width) {
    const std::string whole = product(factors);
    if (width_of(std::string_view(whole)) <= width) return whole;
    return product({std::accumulate(factors.begin(), factors.end(), 1.0, std::multiplies<>())});
  }

  static std::string painted_as(const std::string& line, bool returned, bool displaced) {
    if (returned) return painted(Paint::green, line);
    return displaced ? painted(Paint::faint, line) : line;
  }

  std::size_t returned_count() const {
    return std::max<std::size_t>(1, story_.end.sequences.size() / story_.begin.prompts.size());
  }

  /// What always taking the best next token would have given, when the search saw it whole.
  std::string greedy() const {
    if (tree_.greedy.empty() || tree_.ranking.empty()) return "";
    const auto& last = tree_.greedy.back();
    if (!last.candidate->ended || last.ids == tree_.ranking.front().ids) return "";
    std::vector<double> factors;
    for (const auto& node : tree_.greedy)
      factors.push_back(std::exp(static_cast<double>(node.candidate->log_probability)));
    const std::string text = one_line(trimmed(story_.text(last.ids)));
    return "Greedy search would take " +
           fit(text, std::min<std::size_t>(22, width_of(std::string_view(text)))) + ": p " +
           product(factors) + "\n";
  }

  const Story& story_;
  std::size_t prompt_;
  BeamTree tree_;
  std::size_t indent_ = 3;
  std::string out_{};
};

}  // namespace

std::string draw_trees(const Story& story) {
  std::string out;
  const std::vector<Story> groups = groups_of(story);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (groups.size() > 1) {
      out += paint(Stream::output, Paint::bold,
                   "Group " + std::to_string(g + 1) + " of " + std::to_string(groups.size())) +
             "\n";
    }
    for (std::size_t p = 0; p < story.begin.prompts.size(); ++p) {
      out += Drawer(groups[g], p).draw() + "\n";
    }
  }
  return out;
}

}  // namespace typecase::cli
