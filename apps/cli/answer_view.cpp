#include "answer_view.h"

#include "terminal.h"

namespace typecase::cli {

AnswerView::AnswerView(Output& out) : out_(out) {
  if (coloured(Stream::output)) {
    markdown_.emplace([&out](std::string_view drawn) { out << drawn; }, terminal_columns);
  }
}

void AnswerView::push(std::string_view piece) {
  if (piece.empty()) return;
  if (markdown_) {
    markdown_->push(piece);
  } else if (is_terminal(Stream::output)) {
    out_ << harmless(piece);
  } else {
    out_ << piece;
  }
  at_line_start_ = piece.ends_with('\n');
  out_.flush();
}

void AnswerView::finish() {
  if (markdown_) {
    markdown_->finish();
  } else if (!at_line_start_) {
    out_ << "\n";
  }
  at_line_start_ = true;
  out_.flush();
}

}  // namespace typecase::cli
