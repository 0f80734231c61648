/// json.dumps of values.
#include "base/utf8.h"
#include "text/chat/big_integer.h"
#include "text/chat/merge_sort.h"
#include "text/chat/operators.h"
#include "text/chat/print.h"

#include <typecase/error.h>

#include <cmath>

namespace typecase::chat {
namespace {

void append_unit(std::string& out, unsigned unit) {
  constexpr char kHex[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(unit >> shift) & 15];
}

void append_character(std::string& out, char32_t c, bool ascii) {
  constexpr std::string_view kPlain = "\"\\\n\r\t\f\b";
  constexpr std::string_view kLetters = "\"\\nrtfb";
  const std::size_t known = c < 0x80 ? kPlain.find(static_cast<char>(c)) : std::string_view::npos;
  if (known != std::string_view::npos) {
    out += '\\';
    out += kLetters[known];
  } else if (c < 0x20 || (ascii && c > 0x7e && c < 0x10000)) {
    append_unit(out, static_cast<unsigned>(c));
  } else if (ascii && c >= 0x10000) {
    append_unit(out, 0xD800 + ((c - 0x10000) >> 10));
    append_unit(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
  } else {
    append_utf8(out, c);
  }
}

std::string quoted(std::string_view text, bool ascii) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Char c = decode_utf8(text, i);
    append_character(out, c.code_point, ascii);
    i += c.size;
  }
  out += '"';
  return out;
}

std::string number_text(const Value& value) {
  switch (value.kind()) {
    case Kind::none:
      return "null";
    case Kind::boolean:
      return value.as_bool() ? "true" : "false";
    case Kind::integer:
      return std::to_string(value.as_integer());
    case Kind::big_integer:
      return value.get<Big>().value.to_string();
    default:
      break;
  }
  const double d = value.as_real();
  if (std::isnan(d)) return "NaN";
  if (std::isinf(d)) return d < 0 ? "-Infinity" : "Infinity";
  return repr_of(d);
}

/// Writes one value; lists and dicts through open(), separate(), close().
class Writer {
 public:
  Writer(Text& out, const JsonStyle& style, Meter* meter)
      : out_(out), style_(style), meter_(meter) {}

  void write(const Value& value, int depth);

 private:
  void list(const std::vector<Value>& items, int depth);
  void dict(const Dict& dict, int depth);
  void key(const Value& key);
  void line(int depth);
  void string(const Value& value) {
    out_.append_derived(quoted(value.text().bytes, style_.ascii), value.text().tainted());
  }

  Text& out_;
  const JsonStyle& style_;
  Meter* meter_;
};

void Writer::line(int depth) {
  if (!style_.indent) return;
  out_.append("\n");
  for (int i = 0; i < depth; ++i) {
    meter_->work(style_.indent->size());
    meter_->string_size(out_.size() + style_.indent->size());
    out_.append(*style_.indent);
  }
}

void Writer::list(const std::vector<Value>& items, int depth) {
  if (items.empty()) return out_.append("[]");
  out_.append("[");
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out_.append(style_.item_separator);
    line(depth + 1);
    write(items[i], depth + 1);
  }
  line(depth);
  out_.append("]");
}

void Writer::key(const Value& key) {
  if (key.is_string()) return string(key);
  if (!key.is_number() && !key.is_none()) {
    fail_value(std::string("JSON keys must be str, int, float, bool or None, not ") +
               type_name(key));
  }
  out_.append("\"" + number_text(key) + "\"");
}

void Writer::dict(const Dict& dict, int depth) {
  if (dict.items.empty()) return out_.append("{}");
  auto items = dict.items;
  if (style_.sort_keys) {
    merge_sort(items, [&](const auto& a, const auto& b) { return less(a.first, b.first, meter_); });
  }
  out_.append("{");
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out_.append(style_.item_separator);
    line(depth + 1);
    key(items[i].first);
    out_.append(style_.key_separator);
    write(items[i].second, depth + 1);
  }
  line(depth);
  out_.append("}");
}

void Writer::write(const Value& value, int depth) {
  if (depth > kMaxValueDepth) {
    throw Error(Code::limit, "the value depth limit is reached: more than " +
                                 std::to_string(kMaxValueDepth) + " levels are serialised");
  }
  meter_->step();
  meter_->string_size(out_.size());
  switch (value.kind()) {
    case Kind::string:
      meter_->work(value.text().size());
      return string(value);
    case Kind::list:
    case Kind::tuple:
      return list(value.items(), depth);
    case Kind::dict:
      return dict(value.get<Dict>(), depth);
    default:
      break;
  }
  if (!value.is_number() && !value.is_none()) {
    fail_value(std::string("an object of type ") + type_name(value) + " has no JSON form");
  }
  out_.append(number_text(value));
}

}  // namespace

void append_json(Text& out, const Value& value, const JsonStyle& style, Meter* meter, int depth) {
  Writer(out, style, meter).write(value, depth);
}

}  // namespace typecase::chat
