#include "text/chat/print.h"

#include "base/utf8.h"
#include "text/chat/big_integer.h"
#include "text/chat/characters.h"
#include "text/chat/interpreter.h"
#include "text/chat/operators.h"

#include <typecase/error.h>

#include <charconv>
#include <cmath>

namespace typecase::chat {
namespace {

void append_hex(std::string& out, char32_t c, int digits) {
  constexpr char kHex[] = "0123456789abcdef";
  for (int i = digits - 1; i >= 0; --i) out += kHex[(c >> (4 * i)) & 15];
}

void append_escaped(std::string& out, char32_t c, char quote_mark) {
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\\':
      out += "\\\\";
      return;
    default:
      break;
  }
  if (c == static_cast<char32_t>(quote_mark)) {
    out += '\\';
    out += quote_mark;
  } else if (is_printable(c)) {
    append_utf8(out, c);
  } else {
    const int digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
    out += '\\';
    out += digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
    append_hex(out, c, digits);
  }
}

void append_items(Text& out, const std::vector<Value>& items, Meter* meter, int depth) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out.append(", ");
    append_repr(out, items[i], meter, depth + 1);
  }
}

void append_dict(Text& out, const Dict& dict, Meter* meter, int depth) {
  out.append("{");
  for (std::size_t i = 0; i < dict.items.size(); ++i) {
    if (i > 0) out.append(", ");
    append_repr(out, dict.items[i].first, meter, depth + 1);
    out.append(": ");
    append_repr(out, dict.items[i].second, meter, depth + 1);
  }
  out.append("}");
}

void append_view(Text& out, const Value& value, Meter* meter, int depth) {
  out.append(type_name(value));
  out.append("([");
  append_items(out, items_of(value, meter), meter, depth);
  out.append("])");
}

void append_range(Text& out, const Range& range) {
  out.append("range(" + std::to_string(range.start) + ", " + std::to_string(range.stop));
  if (range.step != 1) out.append(", " + std::to_string(range.step));
  out.append(")");
}

void append_namespace(Text& out, const Namespace& space, Meter* meter, int depth) {
  out.append("<Namespace {");
  for (std::size_t i = 0; i < space.attributes.size(); ++i) {
    if (i > 0) out.append(", ");
    out.append(repr_of(space.attributes[i].first) + ": ");
    append_repr(out, space.attributes[i].second, meter, depth + 1);
  }
  out.append("}>");
}

}  // namespace

std::string repr_of(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[40];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  const std::string_view digits(buffer, static_cast<std::size_t>(end.ptr - buffer));
  const std::size_t e = digits.find('e');
  int exponent = 0;
  const std::size_t sign = digits[e + 1] == '+' ? 2 : 1;
  std::from_chars(digits.data() + e + sign, end.ptr, exponent);
  // Python writes an exponent for what is smaller than 1e-4 or has more than 16 digits.
  if (exponent < -4 || exponent >= 16) return std::string(digits);
  const auto fixed = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
  std::string out(buffer, fixed.ptr);
  if (out.find('.') == std::string::npos) out += ".0";
  return out;
}

std::string repr_of(std::string_view text) {
  const bool single = text.find('\'') != std::string_view::npos;
  const bool both = single && text.find('"') != std::string_view::npos;
  const char quote_mark = single && !both ? '"' : '\'';
  std::string out(1, quote_mark);
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Char c = decode_utf8(text, i);
    append_escaped(out, c.code_point, quote_mark);
    i += c.size;
  }
  out += quote_mark;
  return out;
}

Text str(const Value& value, Meter* meter) {
  if (value.is_string()) return value.text();
  Text out;
  append_str(out, value, meter);
  return out;
}

void append_str(Text& out, const Value& value, Meter* meter) {
  if (value.is_string()) {
    meter->work(value.text().size());
    out.append(value.text());
  } else if (!value.is_undefined()) {
    append_repr(out, value, meter);
  }
}

void append_repr(Text& out, const Value& value, Meter* meter, int depth) {
  if (depth > kMaxValueDepth) {
    throw Error(Code::limit, "the value depth limit is reached: more than " +
                                 std::to_string(kMaxValueDepth) + " levels are printed");
  }
  meter->step();
  meter->string_size(out.size());
  switch (value.kind()) {
    case Kind::missing:
    case Kind::undefined:
      out.append("Undefined");
      return;
    case Kind::none:
      out.append("None");
      return;
    case Kind::boolean:
      out.append(value.as_bool() ? "True" : "False");
      return;
    case Kind::integer:
      out.append(std::to_string(value.as_integer()));
      return;
    case Kind::big_integer:
      out.append(value.get<Big>().value.to_string());
      return;
    case Kind::real:
      out.append(repr_of(value.as_real()));
      return;
    case Kind::string:
      meter->work(value.text().size());
      if (value.as_string().markup) out.append("Markup(");
      out.append_derived(repr_of(value.text().bytes), value.text().tainted());
      if (value.as_string().markup) out.append(")");
      return;
    case Kind::list:
      out.append("[");
      append_items(out, value.items(), meter, depth);
      out.append("]");
      return;
    case Kind::tuple:
      out.append("(");
      append_items(out, value.items(), meter, depth);
      out.append(value.items().size() == 1 ? ",)" : ")");
      return;
    case Kind::dict:
      append_dict(out, value.get<Dict>(), meter, depth);
      return;
    case Kind::range:
      append_range(out, value.get<Range>());
      return;
    case Kind::view:
      append_view(out, value, meter, depth);
      return;
    case Kind::name_space:
      append_namespace(out, value.get<Namespace>(), meter, depth);
      return;
    case Kind::loop: {
      const auto& loop = value.get<Loop>();
      out.append("<LoopContext " + std::to_string(loop.index0 + 1) + "/" +
                 std::to_string(loop.items.size()) + ">");
      return;
    }
    case Kind::macro:
      out.append("<Macro " + repr_of(value.get<MacroObject>().callable->name) + ">");
      return;
    case Kind::iterator:
    case Kind::function:
    case Kind::object:
      out.append(std::string("<") + type_name(value) + " object>");
      return;
  }
}

}  // namespace typecase::chat
