#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace typecase::cli {

/// Markdown as it streams in, drawn for a terminal: headings and **strong** in bold, *emphasis*
/// slanted, `code` and code blocks in colour, lists with bullets and hanging indents, lines broken
/// between words at the terminal's width.
///
/// A marker is drawn as what it means only when its partner comes on the same line, so that "2 * 3"
/// stays as it is; until then the text behind it is held back. The picture does not depend on how
/// the text was cut into pieces. Calls in order:  push* finish.
class MarkdownView {
 public:
  using Write = std::function<void(std::string_view)>;

  /// `columns` is asked at the start of each line: terminals change their size.
  MarkdownView(Write write, std::function<int()> columns);

  void push(std::string_view text);  ///< whole UTF-8 characters
  void finish();                     ///< what is held back, and a line end if one is missing

 private:
  enum class Block { undecided, text, heading, verbatim, code };
  enum Style : unsigned { plain = 0, strong = 1, emphasis = 2, code_style = 4, faint = 8 };

  void character(std::string_view c);
  void begin_line();
  void begin_block(bool line_ended);
  void begin_list_item(std::string_view marker, std::size_t used, std::size_t indent);
  bool waits_for_more() const;
  void fence_line();
  void inline_text(std::string_view text);
  void inline_character(std::string_view c);
  std::size_t marker_size() const;
  bool closes_span() const;
  void draw_span();
  void release_span();
  void release_spans();
  void draw(std::string_view c, unsigned style);
  void end_word();
  void end_line();
  void emit(std::string_view text) { out_ += text; }

  Write write_;
  std::function<int()> columns_;
  std::string out_{};  // drawn by this push()
  Block block_ = Block::undecided;
  bool in_fence_ = false;
  std::string fence_{};  // what ends the code block
  std::string start_{};  // of a line whose kind is not known yet
  std::string span_{};   // held back: from a marker on
  std::string last_{};   // the character before
  unsigned base_ = plain;

  std::string word_{};  // not yet on a line, with its escapes
  std::size_t word_width_ = 0;
  std::size_t spaces_ = 0;  // in front of the word
  unsigned style_ = plain;  // at the end of word_
  std::size_t column_ = 0;
  std::size_t indent_ = 0;  // of lines that go on
  std::size_t width_ = 80;
};

/// `text` without what could steer a terminal: control characters but line ends and tabs become
/// U+FFFD.
std::string harmless(std::string_view text);

}  // namespace typecase::cli
