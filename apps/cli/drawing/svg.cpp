#include "svg.h"

#include "canvas.h"
#include "columns.h"
#include "tree.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace typecase::cli {
namespace {

constexpr std::string_view kInk = "#1f2933", kFaint = "#7b8794", kModel = "#9fb3c8",
                           kKept = "#2f6fab", kChosen = "#2e8b57", kCutColour = "#c0392b",
                           kLine = "#cbd2d9";
constexpr double kMargin = 24;

/// The end of a long text: what was written last says most.
std::string end_of(const std::string& text, std::size_t columns) {
  std::size_t width = width_of(std::string_view(text));
  if (width <= columns) return text;
  std::size_t at = 0;
  while (at < text.size() && width_of(std::string_view(text).substr(at)) + 1 > columns) {
    do {
      ++at;
    } while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  }
  return "…" + text.substr(at);
}

// ---- bars: token | model's probability | after the processors

constexpr double kBarsWidth = 860, kRow = 24, kBarLength = 192, kLeft = 190, kRight = 530;

class BarPicture {
 public:
  explicit BarPicture(const Story& story) : story_(story) {}

  std::string draw() {
    for (const RowStep& s : story_.steps) step(s);
    return canvas_.document(kBarsWidth, y_ + kMargin, "why each token was chosen");
  }

 private:
  void step(const RowStep& s) {
    y_ += kMargin + 8;
    const bool changed = !s.processors.empty();
    const std::string row =
        story_.end.sequences.size() > 1 ? "Row " + std::to_string(s.row + 1) + ", step " : "Step ";
    canvas_.text(kMargin, y_, row + std::to_string(s.step),
                 {.colour = kInk, .size = 16, .bold = true});
    canvas_.text(kLeft, y_, end_of(one_line(story_.text(s.before)), 70),
                 {.colour = kKept, .size = 16});
    y_ += kRow;
    canvas_.text(kLeft, y_, "model", {.colour = kFaint, .size = 12});
    if (changed) canvas_.text(kRight, y_, processors(s), {.colour = kFaint, .size = 12});
    y_ += 8;
    for (const Bar& b : s.bars) bar_row(s, b, changed);
  }

  std::string processors(const RowStep& s) const {
    std::string out;
    for (const auto& p : s.processors) {
      out += (out.empty() ? "after " : ", ") + with_value(p.name, story_.begin.config);
    }
    return fit(out, std::min<std::size_t>(48, width_of(std::string_view(out))));
  }

  void bar_row(const RowStep& s, const Bar& b, bool changed) {
    const bool cut = !b.cut_by.empty();
    const double text_y = y_ + 16;
    canvas_.text(kLeft - 12, text_y, visible(story_.token(b.id)),
                 {.colour = cut        ? kFaint
                            : b.chosen ? kChosen
                                       : kInk,
                  .anchor = "end",
                  .bold = b.chosen,
                  .struck = cut});
    length(kLeft, b.raw, !changed && b.chosen ? kChosen : kModel);
    if (changed && cut) {
      canvas_.text(kRight, text_y, "cut by " + b.cut_by, {.colour = kCutColour, .size = 12});
    } else if (changed) {
      length(kRight, b.after, b.chosen ? kChosen : kKept);
    }
    if (b.chosen) {
      const double x = changed ? kRight + kBarLength * b.after : kLeft + kBarLength * b.raw;
      canvas_.text(x + 60, text_y, s.choice.drawn ? "drawn" : "greatest",
                   {.colour = kChosen, .size = 12});
    }
    y_ += kRow;
  }

  void length(double x, double share, std::string_view colour) {
    canvas_.box(x, y_ + 3, std::max(1.0, kBarLength * share), kRow - 7, colour);
    canvas_.text(x + std::max(1.0, kBarLength * share) + 6, y_ + 16, percent(share),
                 {.colour = kInk, .size = 12});
  }

  const Story& story_;
  Canvas canvas_{};
  double y_ = 0;
};

// ---- trees: one column a step, leaves below each other

constexpr double kCard = 34, kCardWidth = 132, kGapX = 96, kGapY = 12;

class TreePicture {
 public:
  TreePicture(Canvas& canvas, const Story& story, std::size_t prompt)
      : story_(story), prompt_(prompt), tree_(tree_of(story, prompt)), canvas_(canvas) {}

  /// Draws from `top` on; returns where the picture ends.
  double draw(double top, const std::string& title) {
    canvas_.text(kMargin, top + 8, title, {.colour = kInk, .size = 16, .bold = true});
    next_y_ = top + 30;
    const double root = place({}, 0);
    root_card(root);
    return ranking(next_y_ + 28);
  }
  double width() const {
    return kMargin * 2 + static_cast<double>(depth_ + 1) * (kCardWidth + kGapX);
  }

 private:
  static double x_of(std::size_t depth) {
    return kMargin + static_cast<double>(depth) * (kCardWidth + kGapX);
  }
  /// Places the children of `parent`, then returns the height of its own middle.
  double place(const Tokens& parent, std::size_t depth) {
    depth_ = std::max(depth_, depth);
    const auto list = tree_.children.find(parent);
    if (list == tree_.children.end()) {
      const double y = next_y_ + kCard / 2;
      next_y_ += kCard + kGapY;
      return y;
    }
    double first = 0;
    double last = 0;
    std::vector<double> heights;
    for (const auto& node : list->second) {
      heights.push_back(place(node.ids, depth + 1));
      if (heights.size() == 1) first = heights.back();
      last = heights.back();
    }
    const double middle = (first + last) / 2;
    for (std::size_t i = 0; i < heights.size(); ++i) {
      child(list->second[i], depth, middle, heights[i]);
    }
    return middle;
  }

  void child(const BeamTree::Node& node, std::size_t depth, double from, double y) {
    const auto& c = *node.candidate;
    const bool lives = c.fate == "kept" || c.fate == "finished";
    const std::string_view colour = c.fate == "finished" ? kChosen : lives ? kKept : kLine;
    const double x1 = x_of(depth) + kCardWidth;
    const double x2 = x_of(depth + 1);
    canvas_.edge(x1, from, x2, y, colour, lives ? 2 : 1, !lives);
    canvas_.text(x2 - 8, y - 5, percent(std::exp(static_cast<double>(c.log_probability))),
                 {.colour = lives ? kInk : kFaint, .size = 12, .anchor = "end", .halo = true});
    canvas_.card(x2, y - kCard / 2, kCardWidth, kCard, lives ? "#f0f6fc" : "#ffffff", colour,
                 !lives);
    canvas_.text(x2 + 8, y - 2, fit_name(story_.token(c.id)),
                 {.colour = lives ? kInk : kFaint, .size = 13, .bold = lives, .struck = !lives});
    canvas_.text(x2 + 8, y + 12, note(c), {.colour = lives ? kInk : kFaint, .size = 10});
  }

  static std::string fit_name(const std::string& token) {
    const std::string name = visible(token);
    return fit(name, std::min<std::size_t>(15, width_of(std::string_view(name))));
  }
  static std::string note(const trace::BeamStep::Candidate& c) {
    const std::string sum = "Σ " + decimal(static_cast<double>(c.score), 3);
    if (c.fate == "finished") return sum + ", finished";
    return c.fate == "kept" ? sum : sum + ", " + short_why(c);
  }
  static std::string short_why(const trace::BeamStep::Candidate& c) {
    const bool ranked = c.why == "num_beams" || c.why == "ended_outside_beams";
    return ranked ? "rank " + std::to_string(c.rank + 1) : why_not(c);
  }

  void root_card(double y) {
    canvas_.card(kMargin, y - kCard / 2, kCardWidth, kCard, "#f0f6fc", kKept, false);
    canvas_.text(kMargin + 8, y + 5,
                 end_of(one_line(story_.text(story_.begin.prompts.at(prompt_))), 15),
                 {.colour = kInk, .size = 13, .bold = true});
  }

  double ranking(double y) {
    canvas_.text(
        kMargin, y,
        "Finished, best first: Σ ln p / length^" + short_number(tree_.length_penalty) + " = score",
        {.colour = kInk, .size = 14, .bold = true});
    std::size_t place = 0;
    for (const auto& r : tree_.ranking) {
      y += kRow;
      const bool first = place++ == 0;
      const std::string_view colour = first ? kChosen : r.displaced ? kFaint : kInk;
      const Canvas::Ink ink{.colour = colour, .size = 13, .bold = first};
      canvas_.text(kMargin, y, r.displaced ? "–" : std::to_string(place), ink);
      canvas_.text(kMargin + 24, y, arithmetic(r, tree_.length_penalty), ink);
      canvas_.text(kMargin + 250, y, "p = " + product(r.factors), ink);
      canvas_.text(kMargin + 500, y,
                   end_of(one_line(story_.text(r.ids)), 36) + (r.displaced ? " (pushed out)" : ""),
                   ink);
    }
    return y;
  }

  const Story& story_;
  std::size_t prompt_;
  BeamTree tree_;
  Canvas& canvas_;
  double next_y_ = 0;
  std::size_t depth_ = 0;
};

/// The tree of each group of beams, below each other.
std::string draw_groups(const Story& story) {
  const Json* beams = story.begin.config.find("num_beams");
  const std::string title =
      story.begin.mode + ", num_beams " + (beams != nullptr ? beams->dump() : "");
  const auto groups = groups_of(story);
  Canvas canvas;
  double y = 0;
  double width = 760;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const std::string which = ", group " + std::to_string(g + 1) + " of ";
    TreePicture tree(canvas, groups[g], 0);
    y = tree.draw(y + kMargin,
                  groups.size() == 1 ? title : title + which + std::to_string(groups.size()));
    width = std::max(width, tree.width());
  }
  return canvas.document(width, y + kMargin, "beam search");
}

}  // namespace

std::string draw_svg(const Story& story) {
  return story.has_beams() ? draw_groups(story) : BarPicture(story).draw();
}

}  // namespace typecase::cli
