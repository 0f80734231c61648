/// str methods that make one string of another.
#include "base/utf8.h"
#include "text/chat/characters.h"
#include "text/chat/interpreter.h"
#include "text/chat/operators.h"
#include "text/chat/percent_format.h"
#include "text/chat/string_pieces.h"
#include "text/chat/tables.h"

#include <typecase/error.h>

namespace typecase::chat {
namespace {

const Text& self(const Call& c) { return c.self.text(); }

template <std::string (*change)(std::string_view)>
Value changed(Call& c) {
  c.count(0, 0);
  c.meter()->work(self(c).size());
  return c.string(derived(change(self(c).bytes), self(c)));
}

template <bool left, bool right>
Value strip(Call& c) {
  c.count(0, 1);
  if (c.args.empty() || c.args[0].is_none()) return c.string(stripped(self(c), left, right));
  return c.string(stripped_of(self(c), c.text(0).bytes, left, right));
}

Value remove_prefix(Call& c) {
  c.count(1, 1);
  const bool has = self(c).bytes.starts_with(c.text(0).bytes);
  return has ? c.string(self(c).slice(c.text(0).size(), self(c).size())) : c.self;
}

Value remove_suffix(Call& c) {
  c.count(1, 1);
  const bool has = self(c).bytes.ends_with(c.text(0).bytes);
  return has ? c.string(self(c).slice(0, self(c).size() - c.text(0).size())) : c.self;
}

Value replace(Call& c) {
  c.count(2, 3);
  const std::int64_t count = c.args.size() > 2 ? c.integer(2) : -1;
  return c.string(replaced(self(c), c.text(0), c.text(1), count, c.meter()));
}

template <Pad where>
Value pad(Call& c) {
  c.count(1, 2);
  const Text fill = c.args.size() > 1 ? c.text(1) : Text(" ");
  if (count_code_points(fill.bytes) != 1) c.fail("the fill must be one character");
  return c.string(padded(self(c), c.integer(0), fill, where, c.meter()));
}

Value zfill(Call& c) {
  c.count(1, 1);
  const bool sign = self(c).bytes.starts_with('+') || self(c).bytes.starts_with('-');
  const std::size_t skip = sign ? 1 : 0;
  Text out = self(c).slice(0, skip);
  out.append(padded(self(c).slice(skip, self(c).size()), c.integer(0) - (sign ? 1 : 0), "0",
                    Pad::left, c.meter()));
  return c.string(std::move(out));
}

Value expand_tabs(Call& c) {
  c.bind({"tabsize"});
  const std::int64_t size = c.integer_or(0, 8);
  Text out;
  std::int64_t column = 0;
  const Text& text = self(c);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t bytes = decode_utf8(text.bytes, i).size;
    if (text.bytes[i] == '\t') {
      const std::int64_t blanks = size > 0 ? size - column % size : 0;
      c.meter()->string_size(out.size() + static_cast<std::size_t>(blanks));
      out.append(repeated_text(" ", blanks, c.meter()));
      column += blanks;
    } else {
      out.append(text, i, i + bytes);
      column = text.bytes[i] == '\n' || text.bytes[i] == '\r' ? 0 : column + 1;
    }
    i += bytes;
  }
  return c.string(std::move(out));
}

Value join(Call& c) {
  c.count(1, 1);
  Text out;
  bool first = true;
  for (const Value& item : items_of(c.args[0], c.meter())) {
    if (!item.is_string()) {
      c.fail(std::string("needs strings, got '") + type_name(item) + "'");
    }
    c.meter()->work(item.text().size() + self(c).size());
    c.meter()->string_size(out.size() + item.text().size() + self(c).size());
    if (!std::exchange(first, false)) out.append(self(c));
    out.append(item.text());
  }
  return c.string(std::move(out));
}

constexpr Builtin kMethods[] = {
    {"upper", changed<to_upper>},     {"lower", changed<to_lower>},
    {"title", changed<to_title>},     {"capitalize", changed<capitalize>},
    {"swapcase", changed<swap_case>}, {"casefold", changed<fold_case>},
    {"strip", strip<true, true>},     {"lstrip", strip<true, false>},
    {"rstrip", strip<false, true>},   {"removeprefix", remove_prefix},
    {"removesuffix", remove_suffix},  {"replace", replace},
    {"center", pad<Pad::both>},       {"ljust", pad<Pad::right>},
    {"rjust", pad<Pad::left>},        {"zfill", zfill},
    {"expandtabs", expand_tabs},      {"join", join},
    {"format", brace_format},
};

}  // namespace

std::span<const Builtin> string_methods() { return kMethods; }

}  // namespace typecase::chat
