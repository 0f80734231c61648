/// str.format.
#include "base/utf8.h"
#include "text/chat/big_integer.h"
#include "text/chat/interpreter.h"
#include "text/chat/operators.h"
#include "text/chat/percent_format.h"
#include "text/chat/print.h"
#include "text/chat/string_pieces.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase::chat {
namespace {

/// What stands behind the colon: [[fill]align][sign][#][0][width][group][.precision][type]
struct Spec {
  NumberStyle style{};
  Text fill{" "};
  char align = 0;  // < > ^ =
  std::int64_t width = 0;
};

class SpecReader {
 public:
  SpecReader(std::string_view text, Meter* meter) : text_(text), meter_(meter) {}

  Spec read() {
    Spec out;
    fill_and_align(out);
    if (at_one_of("+- ")) out.style.sign = text_[at_++];
    if (take('#')) out.style.alternative = true;
    if (take('0') && out.align == 0) {
      out.fill = Text("0");
      out.align = '=';
    }
    out.width = number();
    if (at_one_of(",_")) out.style.group = text_[at_++];
    if (take('.')) {
      if (!at_one_of("0123456789")) fail_value("format specifier missing precision");
      out.style.precision = static_cast<int>(std::min<std::int64_t>(number(), 1 << 28));
    }
    if (at_ < text_.size()) out.style.type = text_[at_++];
    if (at_ != text_.size()) fail_value("invalid format specifier " + quote(text_));
    return out;
  }

 private:
  bool at_one_of(std::string_view set) const {
    return at_ < text_.size() && set.find(text_[at_]) != std::string_view::npos;
  }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void fill_and_align(Spec& out) {
    constexpr std::string_view kAligns = "<>^=";
    if (text_.empty()) return;
    const std::size_t size = decode_utf8(text_, 0).size;
    if (size < text_.size() && kAligns.find(text_[size]) != std::string_view::npos) {
      out.fill = Text(text_.substr(0, size));
      out.align = text_[size];
      at_ = size + 1;
    } else if (at_one_of(kAligns)) {
      out.align = text_[at_++];
    }
  }
  std::int64_t number() {
    std::int64_t out = 0;
    while (at_one_of("0123456789")) {
      out = out * 10 + (text_[at_++] - '0');
      meter_->string_size(static_cast<std::size_t>(out));
    }
    return out;
  }

  std::string_view text_;
  Meter* meter_;
  std::size_t at_ = 0;
};

Text aligned(const Text& text, const Spec& spec, char standard, Meter* meter) {
  const char align = spec.align == 0 ? standard : spec.align;
  if (align == '<') return padded(text, spec.width, spec.fill, Pad::right, meter);
  if (align != '^') return padded(text, spec.width, spec.fill, Pad::left, meter);
  const auto length = static_cast<std::int64_t>(count_code_points(text.bytes));
  const std::int64_t left = std::max<std::int64_t>(spec.width - length, 0) / 2;
  return padded(padded(text, length + left, spec.fill, Pad::left, meter), spec.width, spec.fill,
                Pad::right, meter);
}

Text formatted_number(const NumberText& number, const Spec& spec, Meter* meter) {
  if (spec.align != '=') return aligned(number.sign + number.digits, spec, '>', meter);
  const auto width = spec.width - static_cast<std::int64_t>(number.sign.size());
  return Text(number.sign + padded(number.digits, width, spec.fill, Pad::left, meter).bytes);
}

[[noreturn]] void fail_type(char type, const Value& value) {
  fail_value("unknown format code " + quote(std::string(1, type)) + " for an object of type '" +
             type_name(value) + "'");
}

Text formatted_string(const Value& value, const Spec& spec, Meter* meter) {
  if (spec.style.type != 0 && spec.style.type != 's') fail_type(spec.style.type, value);
  if (spec.align == '=' && spec.fill.bytes != "0") {
    fail_value("'=' alignment not allowed in string format specifier");
  }
  Text text = value.text();
  if (spec.style.precision >= 0) {
    const auto length = static_cast<std::int64_t>(value.as_string().length);
    text.truncate(
        byte_offset(value.as_string(), std::min<std::int64_t>(spec.style.precision, length)));
  }
  Spec how = spec;
  if (how.align == '=') how.align = '<';
  return aligned(text, how, '<', meter);
}

Text formatted(const Value& value, std::string_view text, Meter* meter) {
  if (text.empty()) return str(value, meter);
  const Spec spec = SpecReader(text, meter).read();
  const char type = spec.style.type;
  meter->work(static_cast<std::size_t>(std::max(spec.style.precision, 0)));
  if (value.is_string()) return formatted_string(value, spec, meter);
  if (!value.is_number()) {
    if (value.is_undefined()) return formatted_string(Value::string("", meter), spec, meter);
    fail_value(std::string("unsupported format string passed to ") + type_name(value));
  }
  const bool real_type =
      type != 0 && std::string_view("eEfFgG%").find(type) != std::string_view::npos;
  if (value.is(Kind::real) || real_type) {
    if (type != 0 && type != 'n' && !real_type) fail_type(type, value);
    return formatted_number(real_text(to_double(value), spec.style), spec, meter);
  }
  if (type != 0 && std::string_view("bcdnoxX").find(type) == std::string_view::npos) {
    fail_type(type, value);
  }
  if (spec.style.precision >= 0) fail_value("precision not allowed in integer format specifier");
  if (type == 0 && value.is(Kind::boolean) && text.empty()) return str(value, meter);
  if (type == 'c') {
    std::string character;
    append_utf8(character,
                static_cast<char32_t>(std::clamp<std::int64_t>(value.as_integer(), 0, 0x10FFFF)));
    return aligned(character, spec, '<', meter);
  }
  return formatted_number(integer_text(value, spec.style), spec, meter);
}

/// format.format(arguments), read from left to right.
class BraceFormat {
 public:
  explicit BraceFormat(Call& call) : call_(call), meter_(call.meter()) {}

  Text run(const Text& format, int depth = 0);

 private:
  Value field(std::string_view name);
  Value first_part(std::string_view name);
  Text replacement(const Text& format, std::size_t begin, std::size_t end, int depth);
  static std::size_t field_end(std::string_view text, std::size_t at);

  Call& call_;
  Meter* meter_;
  int next_ = 0;  // the number of the next field without a name
  bool numbered_ = false;
};

// The position of the brace that closes a field, with nested fields inside.
std::size_t BraceFormat::field_end(std::string_view text, std::size_t at) {
  for (int depth = 1; at < text.size(); ++at) {
    if (text[at] == '{') ++depth;
    if (text[at] == '}' && --depth == 0) return at;
  }
  fail_value("expected '}' before end of string");
}

Value BraceFormat::first_part(std::string_view name) {
  const bool digits = name.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits) {
    for (const Keyword& keyword : call_.keywords) {
      if (keyword.name == name) return keyword.value;
    }
    fail_value("format: there is no argument " + quote(name));
  }
  if (name.empty() ? numbered_ : next_ > 0) {
    fail_value("cannot mix automatic and manual field numbers");
  }
  numbered_ |= !name.empty();
  const std::size_t i = name.empty()      ? static_cast<std::size_t>(next_++)
                        : name.size() > 6 ? call_.args.size()
                                          : std::stoul(std::string(name));
  if (i >= call_.args.size())
    fail_value("format: there is no argument number " + std::to_string(i));
  return call_.args[i];
}

// name.attribute[item]…
Value BraceFormat::field(std::string_view name) {
  std::size_t at = std::min(name.find_first_of(".["), name.size());
  Value value = first_part(name.substr(0, at));
  while (at < name.size()) {
    meter_->step();
    if (name[at] == '.') {
      const std::size_t end = std::min(name.find_first_of(".[", at + 1), name.size());
      if (end == at + 1) fail_value("empty attribute in format string");
      value = call_.in.attribute(value, name.substr(at + 1, end - at - 1));
      at = end;
      continue;
    }
    const std::size_t close = name.find(']', at);
    if (name[at] != '[' || close == std::string_view::npos)
      fail_value("missing ']' in format string");
    const std::string_view key = name.substr(at + 1, close - at - 1);
    if (key.empty()) fail_value("empty attribute in format string");
    const bool digits = key.find_first_not_of("0123456789") == std::string_view::npos;
    value = call_.in.item(value, digits && key.size() < 18
                                     ? Value::integer(std::stoll(std::string(key)))
                                     : Value::string(key, meter_));
    at = close + 1;
  }
  return value;
}

Text BraceFormat::replacement(const Text& format, std::size_t begin, std::size_t end, int depth) {
  const std::string_view text(format.bytes);
  std::size_t name_end = begin;
  int brackets = 0;
  while (name_end < end && (brackets > 0 || (text[name_end] != '!' && text[name_end] != ':'))) {
    brackets += text[name_end] == '[' ? 1 : text[name_end] == ']' ? -1 : 0;
    ++name_end;
  }
  Value value = field(text.substr(begin, name_end - begin));
  std::size_t at = name_end;
  if (at < end && text[at] == '!') {
    const char conversion = at + 1 < end ? text[at + 1] : 0;
    Text converted;
    if (conversion == 'r' || conversion == 'a') {
      append_repr(converted, value, meter_);
    } else if (conversion == 's') {
      converted = str(value, meter_);
    } else {
      fail_value("unknown conversion in format string");
    }
    value = Value::string(std::move(converted), meter_);
    at += 2;
    if (at < end && text[at] != ':') fail_value("expected ':' after conversion specifier");
  }
  if (at >= end) return formatted(value, {}, meter_);
  const Text spec = run(format.slice(at + 1, end), depth + 1);
  return formatted(value, spec.bytes, meter_);
}

Text BraceFormat::run(const Text& format, int depth) {
  if (depth > 1) fail_value("max string recursion exceeded");
  Text out;
  const std::string_view text(format.bytes);
  for (std::size_t at = 0; at < text.size();) {
    meter_->step();
    const std::size_t brace = std::min(text.find_first_of("{}", at), text.size());
    out.append(format, at, brace);
    if (brace == text.size()) break;
    if (brace + 1 < text.size() && text[brace + 1] == text[brace] && depth == 0) {
      out.append(format, brace, brace + 1);
      at = brace + 2;
      continue;
    }
    if (text[brace] == '}') fail_value("single '}' encountered in format string");
    const std::size_t end = field_end(text, brace + 1);
    const Text piece = replacement(format, brace + 1, end, depth);
    meter_->work(piece.size());
    meter_->string_size(out.size() + piece.size());
    out.append(piece);
    at = end + 1;
  }
  return out;
}

}  // namespace

Value brace_format(Call& call) {
  const Text format = call.self.text();
  return call.string(BraceFormat(call).run(format));
}

}  // namespace typecase::chat
