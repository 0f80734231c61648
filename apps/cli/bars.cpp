#include "bars.h"

#include "columns.h"
#include "terminal.h"

#include <algorithm>

namespace typecase::cli {
namespace {

// mark 2 · token 15 · 1 · raw 7 · 1 · bar 17 · 2 · after 7 · 1 · bar 17 · 2 · note 8 = 80
constexpr std::size_t kToken = 15;
constexpr std::size_t kPercent = 7;
constexpr std::size_t kBar = 17;
constexpr std::size_t kLine = 80;

std::string painted(Paint colour, std::string_view text) {
  return paint(Stream::output, colour, text);
}

/// The end of the text so far, as much as fits beside the heading.
std::string tail(const std::string& text, std::size_t width) {
  if (width_of(std::string_view(text)) <= width) return text;
  std::string cut = text;
  while (width_of(std::string_view(cut)) + 1 > width) {
    std::size_t first = 1;
    while (first < cut.size() && (static_cast<unsigned char>(cut[first]) & 0xC0) == 0x80) ++first;
    cut.erase(0, first);
  }
  return "…" + cut;
}

std::string heading(const Story& story, const RowStep& s) {
  std::string name = "Step " + std::to_string(s.step);
  if (story.end.sequences.size() > 1)
    name = "Row " + std::to_string(s.row + 1) + ", step " + std::to_string(s.step);
  const std::string text = one_line(story.text(s.before));
  return painted(Paint::bold, name) + "  " +
         painted(Paint::cyan, tail(text, kLine - name.size() - 2)) + "\n";
}

std::string titles(bool changed) {
  std::string line = "  " + fit("token", kToken) + " " + fit("model", kPercent + 1 + kBar);
  if (changed) line += "  " + std::string("after the processors");
  while (line.ends_with(' ')) line.pop_back();
  return painted(Paint::faint, line) + "\n";
}

std::string row_of_bar(const Story& story, const Bar& b, const RowStep& s, bool changed) {
  const bool cut = !b.cut_by.empty();
  const std::string name = visible(story.token(b.id));
  const std::string padding(kToken - std::min(kToken, width_of(std::string_view(name))), ' ');
  const std::string shown = width_of(std::string_view(name)) > kToken ? fit(name, kToken) : name;

  std::string line = cut ? "✗ " : b.chosen ? "▶ " : "  ";
  line += cut ? painted(Paint::struck, shown) + padding
              : (b.chosen ? painted(Paint::green, shown) : shown) + padding;
  line += " " + fit_right(percent(b.raw), kPercent) + " " + bar(b.raw, kBar);
  if (changed && cut) {
    line += "  " + painted(Paint::red, "cut by " + b.cut_by);
  } else if (changed) {
    line += "  " + fit_right(percent(b.after), kPercent) + " " +
            (b.chosen ? painted(Paint::green, bar(b.after, kBar)) : bar(b.after, kBar));
  }
  if (b.chosen) {
    const char* how = s.choice.drawn ? "drawn" : s.contrast ? "contrast" : "greatest";
    line += "  " + painted(Paint::green, how);
  }
  while (line.ends_with(' ')) line.pop_back();
  return line + "\n";
}

/// What is not among the bars: how many more tokens, and how much of the mass.
std::string rest_of(const Story& story, const RowStep& s, bool changed) {
  double raw = 0;
  double after = 0;
  std::size_t kept = 0;
  for (const Bar& b : s.bars) {
    raw += b.raw;
    after += b.after;
    kept += b.cut_by.empty() ? 1 : 0;
  }
  const std::size_t others =
      story.begin.vocabulary - std::min(story.begin.vocabulary, s.bars.size());
  if (others == 0 || (1 - raw < 1e-6 && s.kept <= kept)) return "";
  std::string line = "  " + fit(grouped(others) + " others", kToken) + " " +
                     fit_right(percent(std::max(0.0, 1 - raw)), kPercent);
  if (changed) {
    const std::size_t left = s.kept - std::min(s.kept, kept);
    line += std::string(kBar + 3, ' ');
    line += left == 0 ? "all cut"
                      : fit_right(percent(std::max(0.0, 1 - after)), kPercent) + " " +
                            grouped(left) + " kept";
  }
  return painted(Paint::faint, line) + "\n";
}

std::string processor_line(const Story& story, const trace::Processed& p) {
  std::string line = "  " + fit(with_value(p.name, story.begin.config), 34) + " ";
  const bool all = p.changed + p.cut == story.begin.vocabulary || p.changed == p.kept;
  std::string did;
  if (p.changed > 0)
    did = all ? "changes every score"
              : "changes " + grouped(p.changed) + (p.changed == 1 ? " score" : " scores");
  if (p.cut > 0) {
    did += (did.empty() ? "" : ", ") + ("cuts " + grouped(p.cut)) + " (" + percent(p.mass_cut) +
           "), keeps " + grouped(p.kept);
  }
  return painted(Paint::faint, line + did) + "\n";
}

/// "  drafted 4 tokens, 2 of them accepted: ␣the␣cat"
std::string draft_line(const Story& story, const trace::Draft& draft) {
  if (draft.ids.empty()) return painted(Paint::faint, "  nothing was drafted") + "\n";
  std::string line = "  drafted " + grouped(draft.ids.size()) +
                     (draft.ids.size() == 1 ? " token, " : " tokens, ") + grouped(draft.accepted) +
                     " accepted: ";
  for (std::size_t i = 0; i < draft.ids.size(); ++i) {
    if (i == draft.accepted) line += " ✗";
    line += visible(story.token(draft.ids[i]));
  }
  if (width_of(std::string_view(line)) > kLine) line = fit(line, kLine);
  return painted(Paint::faint, line) + "\n";
}

/// What contrastive search weighed: (1 − α) · p − α · similarity.
std::string contrast_lines(const Story& story, const RowStep& s) {
  std::string out =
      painted(Paint::faint, "  " + fit("candidate", kToken) + "   p after   similarity   score") +
      "\n";
  for (const auto& c : s.contrast->candidates) {
    const bool chosen = c.id == s.choice.id;
    const auto number = [](float x, std::size_t width) {
      return fit_right(decimal(static_cast<double>(x), 3), width);
    };
    std::string line = (chosen ? "▶ " : "  ") + fit(visible(story.token(c.id)), kToken) + "   " +
                       fit_right(percent(static_cast<double>(c.probability)), kPercent) +
                       number(c.penalty, 13) + number(c.score, 8);
    out += (chosen ? painted(Paint::green, line) : line) + "\n";
  }
  return out;
}

std::string finish_line(const std::string& reason) {
  if (reason == "eos_token_id") return "This token ends the text.";
  if (reason == "max_length") return "That was the last token asked for.";
  if (reason == "stop_strings") return "A stop string is complete.";
  if (reason == "max_time") return "The time is up.";
  return "A stopping criterion holds.";
}

}  // namespace

std::string draw_bars(const Story& story) {
  std::string out;
  for (const RowStep& s : story.steps) {
    const bool changed = !s.processors.empty();
    out += heading(story, s);
    if (s.draft) out += draft_line(story, *s.draft);
    out += titles(changed);
    for (const Bar& b : s.bars) out += row_of_bar(story, b, s, changed);
    out += rest_of(story, s, changed);
    for (const auto& p : s.processors) out += processor_line(story, p);
    if (s.contrast) out += contrast_lines(story, s);
    if (!s.finish.empty()) out += "  " + painted(Paint::faint, finish_line(s.finish)) + "\n";
    out += "\n";
  }
  return out;
}

}  // namespace typecase::cli
