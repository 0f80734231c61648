#include "text/chat/source.h"

#include "base/utf8.h"

#include <typecase/utf8.h>

#include <algorithm>

namespace typecase::chat {

Source::Source(std::string_view text) : original_(text) {
  if (text.size() > kMaxSource) {
    throw Error(Code::limit, "the source limit is reached: the template has " +
                                 std::to_string(text.size()) + " bytes, more than " +
                                 std::to_string(kMaxSource));
  }
  if (const auto bad = first_invalid_utf8(text)) {
    throw Error(Code::invalid_argument, "the template is not valid UTF-8",
                Place{.file = {}, .offset = *bad});
  }
  text_.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      text_ += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    } else {
      text_ += text[i];
    }
  }
  if (text_.ends_with('\n')) text_.pop_back();
}

Error Source::error(Code code, std::string_view message, Position at) const {
  const std::string_view before = std::string_view(text_).substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start =
      before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const std::size_t column = 1 + count_code_points(before.substr(start));
  return Error(code,
               "line " + std::to_string(line) + ", column " + std::to_string(column) + ": " +
                   std::string(message),
               Place{.file = {}, .offset = {}, .line = {}, .key = "chat template"});
}

}  // namespace typecase::chat
