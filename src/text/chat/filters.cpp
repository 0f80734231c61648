#include "text/chat/tables.h"

namespace typecase::chat {

const Builtin* find_filter(std::string_view name) {
  for (const auto table : {text_filters(), sequence_filters(), selection_filters(),
                           number_filters(), html_filters()}) {
    if (const Builtin* found = find_in(table, name)) return found;
  }
  return nullptr;
}

}  // namespace typecase::chat
