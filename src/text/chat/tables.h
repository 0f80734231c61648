#pragma once

#include "text/chat/builtin.h"

#include <algorithm>
#include <span>

/// The built-ins by theme; builtin tables are searched through these.
namespace typecase::chat {

std::span<const Builtin> text_filters();
std::span<const Builtin> sequence_filters();
std::span<const Builtin> selection_filters();
std::span<const Builtin> number_filters();
std::span<const Builtin> html_filters();
std::span<const Builtin> string_methods();
std::span<const Builtin> string_part_methods();
std::span<const Builtin> string_question_methods();
std::span<const Builtin> container_methods(Kind kind);
std::span<const Builtin> object_methods();  // of cyclers and joiners
std::span<const Builtin> loop_methods();

/// What a lazy filter returns: `items`, to be walked once.
Value iterator_of(std::vector<Value> items, Meter* meter, const char* type = "generator");
Value dict_of(std::vector<std::pair<Value, Value>> items, Meter* meter);

inline const Builtin* find_in(std::span<const Builtin> table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Builtin& builtin) { return builtin.name == name; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace typecase::chat
