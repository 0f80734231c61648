#pragma once

#include "text/chat/value.h"

namespace typecase::chat {

/// str(value).
void append_str(Text& out, const Value& value, Meter* meter);
Text str(const Value& value, Meter* meter);
/// repr(value).
void append_repr(Text& out, const Value& value, Meter* meter, int depth = 0);

/// The shortest text that reads back to the same float, as Python writes it.
std::string repr_of(double value);
/// repr() of a string: quotes, escapes.
std::string repr_of(std::string_view text);

/// What json.dumps is asked for.
struct JsonStyle {
  bool ascii = false;
  bool sort_keys = false;
  std::optional<Text> indent{};  // of one level; unset: one line
  Text item_separator{", "};
  Text key_separator{": "};
};
void append_json(Text& out, const Value& value, const JsonStyle& style, Meter* meter,
                 int depth = 0);

}  // namespace typecase::chat
