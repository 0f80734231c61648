/// str methods that cut a string, or look for another in it.
#include "base/utf8.h"
#include "text/chat/interpreter.h"
#include "text/chat/operators.h"
#include "text/chat/string_pieces.h"
#include "text/chat/tables.h"

#include <typecase/error.h>

namespace typecase::chat {
namespace {

const Text& self(const Call& c) { return c.self.text(); }

Value strings(Call& c, std::vector<Text> texts) {
  std::vector<Value> out;
  out.reserve(texts.size());
  for (Text& text : texts) out.push_back(c.string(std::move(text)));
  return c.list(std::move(out));
}

template <bool from_right>
Value split(Call& c) {
  c.bind({"sep", "maxsplit"});
  const std::int64_t most = c.integer_or(1, -1);
  if (!c.given(0) || c[0].is_none()) {
    return strings(c, from_right ? words_from_right(self(c), most, c.meter())
                                 : words_of(self(c), most, c.meter()));
  }
  const std::string& separator = c.text(0).bytes;
  if (separator.empty()) c.fail("empty separator");
  return strings(c, from_right ? split_from_right(self(c), separator, most, c.meter())
                               : split_at(self(c), separator, most, c.meter()));
}

Value split_lines(Call& c) {
  c.bind({"keepends"});
  c.meter()->work(self(c).size());
  return strings(c, lines_of(self(c), c.truth_or(0, false)));
}

template <bool from_right>
Value partition(Call& c) {
  c.count(1, 1);
  const Text& separator = c.text(0);
  if (separator.bytes.empty()) c.fail("empty separator");
  const std::size_t at =
      from_right ? self(c).bytes.rfind(separator.bytes) : self(c).bytes.find(separator.bytes);
  const auto tuple = [&](Text a, Text b, Text d) {
    return Value::tuple({c.string(std::move(a)), c.string(std::move(b)), c.string(std::move(d))},
                        c.meter());
  };
  if (at == std::string::npos) {
    return from_right ? tuple({}, {}, self(c)) : tuple(self(c), {}, {});
  }
  const std::size_t end = at + separator.size();
  return tuple(self(c).slice(0, at), self(c).slice(at, end), self(c).slice(end, self(c).size()));
}

/// The bytes that string[start:end] names; nothing when start lies behind the end.
struct Window {
  std::size_t begin, end;
  std::int64_t first;  // code point number of begin
  bool valid;
};

Window window_of(const Call& c, std::size_t first_argument) {
  const auto argument = [&](std::size_t i) {
    return i < c.args.size() ? c.args[i] : Value::none();
  };
  const String& string = c.self.as_string();
  const auto length = static_cast<std::int64_t>(string.length);
  const SliceRange range =
      slice_range(argument(first_argument), argument(first_argument + 1), Value::none(), length);
  const Value start = argument(first_argument);
  const bool beyond = start.is(Kind::integer) && start.as_integer() > length;
  if (beyond || range.start > range.stop) return {0, 0, 0, false};
  return {byte_offset(string, range.start), byte_offset(string, range.stop), range.start, true};
}

std::int64_t find_in_window(Call& c, bool from_right) {
  c.count(1, 3);
  const Window window = window_of(c, 1);
  if (!window.valid) return -1;
  c.meter()->work(self(c).size());
  const std::string_view text =
      std::string_view(self(c).bytes).substr(window.begin, window.end - window.begin);
  const std::size_t at = from_right ? text.rfind(c.text(0).bytes) : text.find(c.text(0).bytes);
  if (at == std::string_view::npos) return -1;
  return window.first + static_cast<std::int64_t>(count_code_points(text.substr(0, at)));
}

template <bool from_right>
Value find(Call& c) {
  return Value::integer(find_in_window(c, from_right));
}

template <bool from_right>
Value index(Call& c) {
  const std::int64_t at = find_in_window(c, from_right);
  if (at < 0) c.fail("substring not found");
  return Value::integer(at);
}

Value count(Call& c) {
  c.count(1, 3);
  const Window window = window_of(c, 1);
  if (!window.valid) return Value::integer(0);
  c.meter()->work(self(c).size());
  const std::string_view text =
      std::string_view(self(c).bytes).substr(window.begin, window.end - window.begin);
  const std::string& piece = c.text(0).bytes;
  if (piece.empty()) return Value::integer(static_cast<std::int64_t>(count_code_points(text)) + 1);
  std::int64_t n = 0;
  for (std::size_t at = text.find(piece); at != std::string_view::npos;
       at = text.find(piece, at + piece.size())) {
    ++n;
  }
  return Value::integer(n);
}

template <bool at_end>
bool touches(std::string_view text, const Value& piece, Call& c) {
  if (!piece.is_string()) {
    c.fail(std::string("needs a string or a tuple of strings, got '") + type_name(piece) + "'");
  }
  return at_end ? text.ends_with(piece.text().bytes) : text.starts_with(piece.text().bytes);
}

template <bool at_end>
Value starts_or_ends(Call& c) {
  c.count(1, 3);
  const Window window = window_of(c, 1);
  const std::string_view text =
      std::string_view(self(c).bytes).substr(window.begin, window.end - window.begin);
  if (!c.args[0].is(Kind::tuple)) {
    return Value::boolean(touches<at_end>(text, c.args[0], c) && window.valid);
  }
  for (const Value& piece : c.args[0].items()) {
    if (touches<at_end>(text, piece, c) && window.valid) return Value::boolean(true);
  }
  return Value::boolean(false);
}

constexpr Builtin kMethods[] = {
    {"split", split<false>},
    {"rsplit", split<true>},
    {"splitlines", split_lines},
    {"partition", partition<false>},
    {"rpartition", partition<true>},
    {"find", find<false>},
    {"rfind", find<true>},
    {"index", index<false>},
    {"rindex", index<true>},
    {"count", count},
    {"startswith", starts_or_ends<false>},
    {"endswith", starts_or_ends<true>},
};

}  // namespace

std::span<const Builtin> string_part_methods() { return kMethods; }

}  // namespace typecase::chat
