#include "markdown.h"

#include "columns.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace typecase::cli {
namespace {

constexpr std::size_t kLongestSpan = 400;  // bytes held back for a partner that may not come
constexpr std::size_t kNarrowest = 20;
constexpr std::size_t kTab = 4;

std::string_view first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return text.substr(0, size);
}

bool is_space(std::string_view c) { return c.empty() || c == " " || c == "\t" || c == "\n"; }

bool is_alphanumeric(std::string_view c) {
  return !c.empty() && (static_cast<unsigned char>(c[0]) >= 0x80 ||
                        std::isalnum(static_cast<unsigned char>(c[0])) != 0);
}

std::string_view without_indent(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

std::size_t run_of(std::string_view text, char c) {
  return std::min(text.find_first_not_of(c), text.size());
}

bool all_of(std::string_view text, char c) { return run_of(text, c) == text.size(); }

}  // namespace

std::string harmless(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view c = first_character(text);
    text.remove_prefix(c.size());
    const auto lead = static_cast<unsigned char>(c[0]);
    // C0, DEL, and C1, which is C2 80 … C2 9F.
    const bool control = (lead < 0x20 && lead != '\n' && lead != '\t') || lead == 0x7F ||
                         (c.size() == 2 && lead == 0xC2 && static_cast<unsigned char>(c[1]) < 0xA0);
    out += control ? std::string_view("\uFFFD") : c;
  }
  return out;
}

MarkdownView::MarkdownView(Write write, std::function<int()> columns)
    : write_(std::move(write)), columns_(std::move(columns)) {
  begin_line();
}

void MarkdownView::push(std::string_view text) {
  const std::string safe = harmless(text);
  for (std::string_view rest = safe; !rest.empty();) {
    const std::string_view c = first_character(rest);
    rest.remove_prefix(c.size());
    character(c);
  }
  if (!out_.empty()) write_(std::exchange(out_, {}));
}

void MarkdownView::finish() {
  if (block_ == Block::undecided && !start_.empty()) begin_block(true);
  release_spans();
  end_word();
  if (column_ > 0) end_line();
  begin_line();
  in_fence_ = false;
  if (!out_.empty()) write_(std::exchange(out_, {}));
}

void MarkdownView::begin_line() {
  block_ = Block::undecided;
  start_.clear();
  last_.clear();
  base_ = plain;
  column_ = indent_ = spaces_ = 0;
  width_ = std::max<std::size_t>(static_cast<std::size_t>(std::max(columns_(), 0)), kNarrowest);
}

void MarkdownView::character(std::string_view c) {
  if (block_ == Block::undecided) {
    if (c != "\n") {
      start_ += c;
      if (!waits_for_more()) begin_block(false);
      return;
    }
    begin_block(true);
  }
  if (c == "\n") {
    end_line();
    begin_line();
    return;
  }
  switch (block_) {
    case Block::code:
      return draw(c, code_style);
    case Block::verbatim:
      return draw(c, base_);
    default:
      return inline_character(c);
  }
}

/// Whether the beginning of the line could still become one of several things.
bool MarkdownView::waits_for_more() const {
  const std::string_view text = without_indent(start_);
  if (text.empty()) return true;
  if (in_fence_) return all_of(text, fence_[0]) || text.starts_with(fence_);
  const char first = text[0];
  const std::size_t run = run_of(text, first);
  switch (first) {
    case '#':
    case '>':
      return run == text.size();
    case '`':
    case '~':
      return run == text.size() || run >= 3;  // of a fence the whole line
    case '-':
    case '*':
    case '_':
    case '+':
      // "- " is an item, "--- " a rule, "**b" text.
      return run == text.size() ||
             (run >= 3 && first != '+' && all_of(without_indent(text.substr(run)), first));
    default:
      break;
  }
  if (std::isdigit(static_cast<unsigned char>(first)) == 0 || text.size() > 10) return false;
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  return digits == text.size() ||
         (digits + 1 == text.size() && (text.back() == '.' || text.back() == ')'));
}

void MarkdownView::begin_list_item(std::string_view marker, std::size_t used, std::size_t indent) {
  block_ = Block::text;
  for (std::size_t i = 0; i < indent; ++i) draw(" ", plain);
  for (std::string_view rest = marker; !rest.empty();) {
    const auto c = first_character(rest);
    draw(c, faint);
    rest.remove_prefix(c.size());
  }
  draw(" ", plain);
  indent_ = indent + width_of(marker) + 1;
  const std::string text = std::exchange(start_, {});
  inline_text(std::string_view(text).substr(indent + used));
}

void MarkdownView::fence_line() {
  const std::string line = std::exchange(start_, {});
  const std::string_view text = without_indent(line);
  if (!in_fence_) fence_.assign(run_of(text, text[0]), text[0]);
  in_fence_ = !in_fence_;
  block_ = Block::verbatim;
  base_ = faint;
  for (std::string_view rest = line; !rest.empty();) {
    const auto c = first_character(rest);
    draw(c, faint);
    rest.remove_prefix(c.size());
  }
}

/// Decides what the line is, and draws what has come of it.
void MarkdownView::begin_block(bool line_ended) {
  const std::string_view text = without_indent(start_);
  const std::size_t indent = start_.size() - text.size();
  const auto rest_as = [this](Block block, unsigned style, std::size_t skipped) {
    block_ = block;
    base_ = style;
    const std::string kept = std::exchange(start_, {}).substr(skipped);
    for (std::string_view rest = kept; !rest.empty();) {
      const auto c = first_character(rest);
      rest.remove_prefix(c.size());
      if (block == Block::text || block == Block::heading) {
        inline_character(c);
      } else {
        draw(c, style);
      }
    }
  };
  if (in_fence_) {
    const bool ends = text.size() >= fence_.size() && all_of(text, fence_[0]);
    if (ends) return fence_line();
    return rest_as(Block::code, code_style, 0);
  }
  if (text.empty()) return rest_as(Block::text, plain, start_.size());
  const char first = text[0];
  const std::size_t run = run_of(text, first);
  const bool space_follows = run < text.size() && text[run] == ' ';
  if (first == '#' && run <= 6 && space_follows) {
    return rest_as(Block::heading, strong, indent + run + 1);
  }
  if ((first == '`' || first == '~') && run >= 3 && line_ended &&
      text.substr(run).find(first) == std::string_view::npos) {
    return fence_line();
  }
  if (first == '>') {
    block_ = Block::text;
    draw("│", faint);
    draw(" ", plain);
    indent_ = 2;
    return rest_as(Block::text, emphasis, indent + (space_follows ? run + 1 : run));
  }
  if ((first == '-' || first == '*' || first == '+') && run == 1 && space_follows) {
    return begin_list_item("•", 2, indent);
  }
  if (line_ended && run >= 3 && run == text.size() &&
      (first == '-' || first == '*' || first == '_')) {
    const std::size_t length = std::min<std::size_t>(width_, 40);
    start_.clear();
    block_ = Block::verbatim;
    for (std::size_t i = 0; i < length; ++i) draw("─", faint);
    return;
  }
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits > 0 && digits + 1 < text.size() && (text[digits] == '.' || text[digits] == ')') &&
      text[digits + 1] == ' ') {
    const std::string marker(text.substr(0, digits + 1));
    return begin_list_item(marker, digits + 2, indent);
  }
  if (first == '|') return rest_as(Block::verbatim, plain, 0);
  for (std::size_t i = 0; i < indent; ++i) draw(" ", plain);
  indent_ = indent;
  rest_as(Block::text, plain, indent);
}

void MarkdownView::inline_text(std::string_view text) {
  while (!text.empty()) {
    const auto c = first_character(text);
    text.remove_prefix(c.size());
    inline_character(c);
  }
}

/// Text of a line, where a marker may open a span.
void MarkdownView::inline_character(std::string_view c) {
  if (span_.empty()) {
    const bool opens = c == "`" || (c == "*" && !is_alphanumeric(last_));
    if (opens) {
      span_ = c;
      return;
    }
    draw(c, base_);
    last_ = c;
    return;
  }
  span_ += c;
  // A marker is followed by what it marks.
  const bool marks_nothing =
      span_[0] == '*' && is_space(c) && span_.size() == marker_size() + c.size();
  if (marks_nothing || span_.size() > kLongestSpan) return release_span();
  if (closes_span()) draw_span();
}

/// How long the marker is that opened the span: `, *, ** or ***.
std::size_t MarkdownView::marker_size() const {
  return span_[0] == '*' ? std::min<std::size_t>(run_of(span_, '*'), 3) : 1;
}

/// Whether the last character completes the span.
bool MarkdownView::closes_span() const {
  const std::size_t size = marker_size();
  const std::string_view marker = std::string_view(span_).substr(0, size);
  if (span_.size() <= 2 * size || !span_.ends_with(marker)) return false;
  return span_[0] == '`' || !is_space(std::string_view(span_).substr(span_.size() - size - 1, 1));
}

void MarkdownView::draw_span() {
  const std::size_t marker = marker_size();
  const std::string span = std::exchange(span_, {});
  const unsigned style = span[0] == '`' ? code_style
                         : marker == 1  ? emphasis
                         : marker == 2  ? strong
                                        : strong | emphasis;
  bool code = style == code_style;
  for (std::string_view rest(span.data() + marker, span.size() - 2 * marker); !rest.empty();) {
    const auto c = first_character(rest);
    rest.remove_prefix(c.size());
    if (c == "`" && style != code_style) {
      code = !code;  // code within strong
    } else {
      draw(c, base_ | style | (code ? code_style : 0U));
    }
  }
  last_ = "x";
}

/// The partner did not come: the marker is text, and what follows may hold other spans.
void MarkdownView::release_span() {
  if (span_.empty()) return;
  const std::size_t marker = marker_size();
  const std::string held = std::exchange(span_, {});
  for (std::size_t i = 0; i < marker; ++i) draw(held.substr(0, 1), base_);
  last_ = held.substr(0, 1);
  inline_text(std::string_view(held).substr(marker));
}

void MarkdownView::release_spans() {
  while (!span_.empty()) release_span();  // each is shorter than the one before
}

/// One character of a word, or the space behind it.
void MarkdownView::draw(std::string_view c, unsigned style) {
  const bool wraps = block_ == Block::text || block_ == Block::heading;
  if (c == "\t") {
    for (std::size_t i = 0; i < kTab; ++i) draw(" ", style);
    return;
  }
  if (c == " " && wraps) {
    if (style == plain && style_ != plain && !word_.empty()) {
      word_ += "\033[0m";
      style_ = plain;
    }
    end_word();
    spaces_ += 1;
    return;
  }
  const std::size_t wide = width_of(c);
  if (wide == 2 && wraps) end_word();  // such a line may break between any two characters
  if (style != style_) {
    word_ += "\033[0m";
    if (style & strong) word_ += "\033[1m";
    if (style & emphasis) word_ += "\033[3m";
    if (style & code_style) word_ += "\033[36m";
    if (style & faint) word_ += "\033[2m";
    style_ = style;
  }
  word_ += c;
  word_width_ += wide;
  if (!wraps) end_word();
}

void MarkdownView::end_word() {
  if (word_.empty()) return;
  const bool fits = column_ + spaces_ + word_width_ <= width_;
  const bool wraps = block_ == Block::text || block_ == Block::heading;
  if (!fits && wraps && column_ > indent_) {
    emit("\n");
    emit(std::string(indent_, ' '));
    column_ = indent_;
  } else {
    emit(std::string(spaces_, ' '));
    column_ += spaces_;
  }
  spaces_ = 0;
  emit(std::exchange(word_, {}));
  column_ += std::exchange(word_width_, 0);
}

void MarkdownView::end_line() {
  release_spans();
  end_word();
  if (style_ != plain) emit("\033[0m");
  style_ = plain;
  emit("\n");
}

}  // namespace typecase::cli
