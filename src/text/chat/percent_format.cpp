#include "text/chat/percent_format.h"

#include "base/utf8.h"
#include "text/chat/big_integer.h"
#include "text/chat/operators.h"
#include "text/chat/print.h"
#include "text/chat/string_pieces.h"

#include <typecase/error.h>

#include <cmath>

namespace typecase::chat {
namespace {

/// format % arguments, read from left to right.
class PercentFormat {
 public:
  PercentFormat(const Value& format, const Value& arguments, Meter* meter)
      : text_(format.text()), arguments_(arguments), meter_(meter) {}

  Text run();

 private:
  struct Conversion {
    NumberStyle style{};
    std::int64_t width = 0;
    bool left = false;
    bool zeros = false;
  };

  char next();
  const Value& argument();
  std::int64_t size_argument(bool& negative);
  void convert();
  void key();
  Conversion read_conversion();
  void put(Text body, const Conversion& how);
  void put_number(const NumberText& number, const Conversion& how);
  void integer(const Value& value, Conversion how);
  void character(const Value& value, const Conversion& how);

  const Text& text_;
  const Value& arguments_;
  Meter* meter_;
  Text out_{};
  std::size_t at_ = 0;
  std::size_t used_ = 0;
  bool keyed_ = false;
  Value chosen_{};  // by key
};

char PercentFormat::next() {
  if (at_ >= text_.size()) fail_value("incomplete format");
  return text_.bytes[at_++];
}

const Value& PercentFormat::argument() {
  if (keyed_) return chosen_;
  const bool tuple = arguments_.is(Kind::tuple);
  const std::size_t count = tuple ? arguments_.items().size() : 1;
  if (used_ >= count) fail_value("not enough arguments for format string");
  const std::size_t i = used_++;
  return tuple ? arguments_.items()[i] : arguments_;
}

std::int64_t PercentFormat::size_argument(bool& negative) {
  std::int64_t out = 0;
  negative = false;
  if (at_ < text_.size() && text_.bytes[at_] == '*') {
    ++at_;
    out = index_of(argument(), "* in a format");
    negative = out < 0;
    meter_->string_size(static_cast<std::size_t>(negative ? -out : out));
    return negative ? -out : out;
  }
  while (at_ < text_.size() && text_.bytes[at_] >= '0' && text_.bytes[at_] <= '9') {
    out = out * 10 + (text_.bytes[at_++] - '0');
    meter_->string_size(static_cast<std::size_t>(out));
  }
  return out;
}

void PercentFormat::key() {
  int depth = 1;
  const std::size_t begin = at_;
  while (depth > 0) {
    const char c = next();
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
  }
  if (!arguments_.is_dict()) fail_value("format requires a mapping");
  const Value* found =
      arguments_.get<Dict>().find(std::string_view(text_.bytes).substr(begin, at_ - 1 - begin));
  if (found == nullptr) fail_value("the mapping of the format has no such key");
  chosen_ = *found;
  keyed_ = true;
}

PercentFormat::Conversion PercentFormat::read_conversion() {
  Conversion how;
  for (bool flags = true; flags;) {
    const char c = at_ < text_.size() ? text_.bytes[at_] : 0;
    flags = true;
    if (c == '-') {
      how.left = true;
    } else if (c == '+') {
      how.style.sign = '+';
    } else if (c == ' ') {
      if (how.style.sign == '-') how.style.sign = ' ';
    } else if (c == '#') {
      how.style.alternative = true;
    } else if (c == '0') {
      how.zeros = true;
    } else {
      flags = false;
    }
    if (flags) ++at_;
  }
  bool negative = false;
  how.width = size_argument(negative);
  how.left |= negative;
  if (at_ < text_.size() && text_.bytes[at_] == '.') {
    ++at_;
    const std::int64_t precision = size_argument(negative);
    how.style.precision =
        negative ? 0 : static_cast<int>(std::min<std::int64_t>(precision, 1 << 28));
  }
  while (at_ < text_.size() && std::string_view("hlL").find(text_.bytes[at_]) != std::string::npos)
    ++at_;
  how.style.type = next();
  return how;
}

void PercentFormat::put(Text body, const Conversion& how) {
  if (how.style.precision >= 0) {
    const Value value = Value::string(std::move(body), meter_);
    const auto length = static_cast<std::int64_t>(value.as_string().length);
    const std::int64_t keep = std::min<std::int64_t>(how.style.precision, length);
    body = value.text().slice(0, byte_offset(value.as_string(), keep));
  }
  const Text filled = padded(body, how.width, " ", how.left ? Pad::right : Pad::left, meter_);
  meter_->string_size(out_.size() + filled.size());
  out_.append(filled);
}

void PercentFormat::put_number(const NumberText& number, const Conversion& how) {
  Conversion plain = how;
  plain.style.precision = -1;
  if (!how.zeros || how.left) return put(number.sign + number.digits, plain);
  const auto width = how.width - static_cast<std::int64_t>(number.sign.size());
  put(Text(number.sign + padded(number.digits, width, "0", Pad::left, meter_).bytes), plain);
}

void PercentFormat::integer(const Value& value, Conversion how) {
  Value whole = value;
  const char type = static_cast<char>(how.style.type | 0x20);
  if (value.is(Kind::real) && type != 'x' && type != 'o') {
    if (!std::isfinite(value.as_real())) fail_value("cannot convert a non-finite float to integer");
    whole = integer_value(BigInteger::from_double(value.as_real()), meter_);
  }
  if (!whole.is_integral()) {
    if (value.is_undefined()) fail_undefined(value);
    fail_value(std::string("%") + how.style.type + " format: a number is required, not " +
               type_name(value));
  }
  NumberText number = integer_text(whole, how.style);
  if (how.style.precision > 0) {
    number.digits = padded(number.digits, how.style.precision, "0", Pad::left, meter_).bytes;
  }
  put_number(number, how);
}

void PercentFormat::character(const Value& value, const Conversion& how) {
  if (value.is_string()) {
    if (value.as_string().length != 1) fail_value("%c requires int or char");
    return put(value.text(), how);
  }
  const std::int64_t code = index_of(value, "%c");
  if (code < 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
    fail_value("%c argument is no character");
  }
  std::string text;
  append_utf8(text, static_cast<char32_t>(code));
  put(std::move(text), how);
}

void PercentFormat::convert() {
  keyed_ = false;
  if (at_ < text_.size() && text_.bytes[at_] == '(') {
    ++at_;
    key();
  }
  const Conversion how = read_conversion();
  if (how.style.type == '%') return out_.append("%");
  const Value& value = argument();
  Text body;
  switch (how.style.type) {
    case 's':
      return put(str(value, meter_), how);
    case 'r':
    case 'a':
      append_repr(body, value, meter_);
      return put(std::move(body), how);
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
      return integer(value, how);
    case 'c':
      return character(value, how);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      if (!value.is_number()) {
        if (value.is_undefined()) fail_undefined(value);
        fail_value(std::string("must be real number, not ") + type_name(value));
      }
      meter_->string_size(static_cast<std::size_t>(std::max(how.style.precision, 0)));
      meter_->work(static_cast<std::size_t>(std::max(how.style.precision, 0)));
      return put_number(real_text(to_double(value), how.style), how);
    default:
      fail_value("unsupported format character " + quote(std::string(1, how.style.type)));
  }
}

Text PercentFormat::run() {
  while (at_ < text_.size()) {
    meter_->step();
    const std::size_t percent = std::min(text_.bytes.find('%', at_), text_.size());
    meter_->work(percent - at_);
    out_.append(text_, at_, percent);
    if (percent == text_.size()) break;
    at_ = percent + 1;
    convert();
  }
  const bool tuple = arguments_.is(Kind::tuple);
  const std::size_t count = tuple ? arguments_.items().size() : 1;
  // A mapping or a list may stay unused; anything else must be consumed.
  const bool may_stay = arguments_.is_dict() || arguments_.is(Kind::list);
  if (used_ < count && !may_stay)
    fail_value("not all arguments converted during string formatting");
  return std::move(out_);
}

}  // namespace

Value percent_format(const Value& format, const Value& arguments, Meter* meter) {
  return Value::string(PercentFormat(format, arguments, meter).run(), meter,
                       format.as_string().markup);
}

}  // namespace typecase::chat
