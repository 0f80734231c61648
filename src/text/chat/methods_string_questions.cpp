/// str methods that answer yes or no: isdigit and its kind.
#include "base/utf8.h"
#include "text/chat/characters.h"
#include "text/chat/interpreter.h"
#include "text/chat/tables.h"

namespace typecase::chat {
namespace {

bool is_alphanumeric(char32_t c) noexcept {
  return is_alpha(c) || is_decimal(c) || is_digit(c) || is_numeric(c);
}

/// Calls `visit` with every code point until it says false.
template <class Visit>
void each(Call& c, Visit visit) {
  c.count(0, 0);
  c.meter()->work(c.self.text().size() * 8);
  const std::string& text = c.self.text().bytes;
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Char u = decode_utf8(text, i);
    if (!visit(u.code_point)) return;
    i += u.size;
  }
}

template <bool (*test)(char32_t) noexcept, bool empty = false>
Value all(Call& c) {
  bool yes = empty || !c.self.text().bytes.empty();
  each(c, [&](char32_t u) { return yes = yes && test(u); });
  return Value::boolean(yes);
}

bool is_ascii(char32_t c) noexcept { return c < 0x80; }

Value is_identifier(Call& c) {
  bool first = true;
  bool yes = !c.self.text().bytes.empty();
  each(c, [&](char32_t u) {
    yes = yes && (first ? is_identifier_start(u) : is_identifier_part(u));
    first = false;
    return yes;
  });
  return Value::boolean(yes);
}

// At least one cased letter, and none of the other case.
template <bool (*wanted)(char32_t) noexcept, bool (*other)(char32_t) noexcept>
Value in_case(Call& c) {
  bool some = false;
  bool yes = true;
  each(c, [&](char32_t u) {
    some |= wanted(u);
    return yes = yes && !other(u) && !is_title(u);
  });
  return Value::boolean(some && yes);
}

// Upper and title letters only at the beginning of words, lower ones only behind letters.
Value is_title_case(Call& c) {
  bool some = false;
  bool yes = true;
  bool inside = false;
  each(c, [&](char32_t u) {
    if (is_upper(u) || is_title(u)) {
      yes = yes && !inside;
      inside = some = true;
    } else if (is_lower(u)) {
      yes = yes && inside;
      inside = some = true;
    } else {
      inside = false;
    }
    return yes;
  });
  return Value::boolean(some && yes);
}

constexpr Builtin kMethods[] = {
    {"isalpha", all<is_alpha>},
    {"isalnum", all<is_alphanumeric>},
    {"isascii", all<is_ascii, true>},
    {"isdecimal", all<is_decimal>},
    {"isdigit", all<is_digit>},
    {"isnumeric", all<is_numeric>},
    {"isspace", all<is_space>},
    {"isprintable", all<is_printable, true>},
    {"isidentifier", is_identifier},
    {"islower", in_case<is_lower, is_upper>},
    {"isupper", in_case<is_upper, is_lower>},
    {"istitle", is_title_case},
};

}  // namespace

std::span<const Builtin> string_question_methods() { return kMethods; }

}  // namespace typecase::chat
