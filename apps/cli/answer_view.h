#pragma once

#include "markdown.h"
#include "output.h"

#include <optional>
#include <string_view>

namespace typecase::cli {

/// An answer on standard output as it comes: Markdown drawn on a coloured terminal, else the text
/// itself (on a terminal without what could steer it).
class AnswerView {
 public:
  explicit AnswerView(Output& out);
  void push(std::string_view piece);
  void finish();  ///< and a line end if one is missing

 private:
  Output& out_;
  std::optional<MarkdownView> markdown_{};
  bool at_line_start_ = true;
};

}  // namespace typecase::cli
