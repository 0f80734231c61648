/// Filters that make text of text.
#include "base/utf8.h"
#include "text/chat/characters.h"
#include "text/chat/interpreter.h"
#include "text/chat/operators.h"
#include "text/chat/percent_format.h"
#include "text/chat/print.h"
#include "text/chat/string_pieces.h"
#include "text/chat/tables.h"

#include <typecase/error.h>

namespace typecase::chat {
namespace {

Value string_filter(Call& c) {
  c.bind({});
  return c.self.is_string() ? c.self : c.string(c.self_text());
}

template <std::string (*change)(std::string_view)>
Value changed(Call& c) {
  c.bind({});
  const Text text = c.self_text();
  c.meter()->work(text.size());
  return c.string(derived(change(text.bytes), text));
}

// Words begin behind blanks and - ( { [ <; the first character of each run becomes upper case.
std::string filter_title(std::string_view text) {
  std::string out;
  std::size_t begin = 0;
  const auto flush = [&](std::size_t end) {
    if (begin == end) return;
    const std::size_t first = decode_utf8(text, begin).size;
    out += to_upper(text.substr(begin, first));
    out += to_lower(text.substr(begin + first, end - begin - first));
  };
  bool separator = false;
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Char c = decode_utf8(text, i);
    const bool splits =
        is_space(c.code_point) ||
        (c.code_point < 0x80 && c.code_point != 0 &&
         std::string_view("-({[<").find(static_cast<char>(c.code_point)) != std::string_view::npos);
    if (splits != separator) {
      flush(i);
      begin = i;
      separator = splits;
    }
    i += c.size;
  }
  flush(text.size());
  return out;
}

Value trim(Call& c) {
  c.bind({"chars"});
  const Text text = c.self_text();
  if (!c.given(0) || c[0].is_none()) return c.string(stripped(text, true, true));
  return c.string(stripped_of(text, c.text(0).bytes, true, true));
}

Value replace(Call& c) {
  c.bind({"old", "new", "count"}, 2);
  const std::int64_t count = c.given(2) && !c[2].is_none() ? c.integer(2) : -1;
  return c.string(
      replaced(c.self_text(), str(c[0], c.meter()), str(c[1], c.meter()), count, c.meter()));
}

Value center(Call& c) {
  c.bind({"width"});
  return c.string(padded(c.self_text(), c.integer_or(0, 80), " ", Pad::both, c.meter()));
}

Text joined_lines(const std::vector<Text>& lines, const Text& indention, bool blank, Meter* meter) {
  Text out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) {
      out.append("\n");
      if (blank || !lines[i].bytes.empty()) out.append(indention);
    }
    meter->string_size(out.size() + lines[i].size());
    meter->work(lines[i].size() + indention.size());
    out.append(lines[i]);
  }
  return out;
}

Value indent(Call& c) {
  c.bind({"width", "first", "blank"});
  if (c.self.is_undefined()) fail_undefined(c.self);
  if (!c.self.is_string()) c.fail(std::string("needs a string, got '") + type_name(c.self) + "'");
  const Text indention = c.given(0) && c[0].is_string()
                             ? c[0].text()
                             : repeated_text(" ", c.integer_or(0, 4), c.meter());
  Text text = c.self.text();
  text.append("\n");
  Text out = joined_lines(lines_of(text, false), indention, c.truth_or(2, false), c.meter());
  if (!c.truth_or(1, false)) return c.string(std::move(out));
  Text first = indention;
  first.append(out);
  return c.string(std::move(first));
}

Value truncate(Call& c) {
  c.bind({"length", "killwords", "end", "leeway"});
  const Text end = c.text_or(2, "...");
  const auto end_length = static_cast<std::int64_t>(count_code_points(end.bytes));
  const std::int64_t length = c.integer_or(0, 255);
  const std::int64_t leeway = c.given(3) && !c[3].is_none() ? c.integer(3) : 5;
  if (length < end_length) c.fail("the length is smaller than that of the end");
  if (leeway < 0) c.fail("the leeway is negative");
  const auto size = length_of(c.self);
  if (!size) c.fail(std::string("needs a string, got '") + type_name(c.self) + "'");
  if (*size - leeway <= length) return c.self;
  if (!c.self.is_string()) c.fail("needs a string");
  Text out = c.self.text().slice(0, byte_offset(c.self.as_string(), length - end_length));
  if (!c.truth_or(1, false)) {
    const std::size_t space = out.bytes.rfind(' ');
    if (space != std::string::npos) out.truncate(space);
  }
  out.append(end);
  return c.string(std::move(out));
}

// Runs of letters, digits and underscores.
Value word_count(Call& c) {
  c.bind({});
  const Text text = c.self_text();
  c.meter()->work(text.size());
  std::int64_t words = 0;
  bool inside = false;
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Char u = decode_utf8(text.bytes, i);
    const bool word = u.code_point == '_' || is_alpha(u.code_point) || is_numeric(u.code_point);
    if (word && !inside) ++words;
    inside = word;
    i += u.size;
  }
  return Value::integer(words);
}

Value format(Call& c) {
  if (!c.args.empty() && !c.keywords.empty()) {
    c.fail("takes positional or keyword arguments, not both");
  }
  const Value format = Value::string(c.self_text(), c.meter());
  if (c.keywords.empty()) {
    return percent_format(format, Value::tuple(std::move(c.args), c.meter()), c.meter());
  }
  std::vector<std::pair<Value, Value>> items;
  for (Keyword& keyword : c.keywords) {
    items.emplace_back(Value::string(keyword.name, c.meter()), std::move(keyword.value));
  }
  return percent_format(format, dict_of(std::move(items), c.meter()), c.meter());
}

JsonStyle json_style(Call& c) {
  JsonStyle style{.ascii = c.truth_or(0, false), .sort_keys = c.truth_or(3, false)};
  if (c.given(1) && !c[1].is_none()) {
    style.indent = c[1].is_string() ? c[1].text() : repeated_text(" ", c.integer(1), c.meter());
    style.item_separator = ",";
  }
  if (c.given(2) && !c[2].is_none()) {
    const auto separators = items_of(c[2], c.meter());
    if (separators.size() != 2 || !separators[0].is_string() || !separators[1].is_string()) {
      c.fail("separators must be two strings");
    }
    style.item_separator = separators[0].text();
    style.key_separator = separators[1].text();
  }
  return style;
}

Value to_json(Call& c) {
  c.bind({"ensure_ascii", "indent", "separators", "sort_keys"});
  Text out;
  append_json(out, c.self, json_style(c), c.meter());
  return Value::string(std::move(out), c.meter());
}

Value pretty(Call& c) {
  c.bind({});
  Text out;
  append_repr(out, c.self, c.meter());
  return Value::string(std::move(out), c.meter());
}

constexpr Builtin kFilters[] = {
    {"string", string_filter},
    {"upper", changed<to_upper>},
    {"lower", changed<to_lower>},
    {"capitalize", changed<capitalize>},
    {"title", changed<filter_title>},
    {"trim", trim},
    {"replace", replace},
    {"center", center},
    {"indent", indent},
    {"truncate", truncate},
    {"wordcount", word_count},
    {"format", format},
    {"tojson", to_json},
    {"pprint", pretty},
};

}  // namespace

std::span<const Builtin> text_filters() { return kFilters; }

}  // namespace typecase::chat
