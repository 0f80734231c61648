#include "text/chat/number_text.h"

#include "text/chat/big_integer.h"
#include "text/chat/print.h"

#include <typecase/error.h>

#include <charconv>
#include <cmath>

namespace typecase::chat {
namespace {

void to_upper_ascii(std::string& text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
}

std::string grouped(const std::string& digits, char separator, std::size_t size) {
  const std::size_t end = digits.find_first_not_of("0123456789abcdefABCDEF");
  std::string out = end == std::string::npos ? "" : digits.substr(end);
  std::string whole = digits.substr(0, end);
  for (std::size_t at = whole.size(); at > size;) {
    at -= size;
    whole.insert(at, 1, separator);
  }
  return whole + out;
}

void drop_zeros(std::string& digits) {
  const std::size_t exponent = digits.find('e');
  const std::string tail = exponent == std::string::npos ? "" : digits.substr(exponent);
  digits.resize(std::min(exponent, digits.size()));
  if (digits.find('.') != std::string::npos) {
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.ends_with('.')) digits.pop_back();
  }
  digits += tail;
}

std::string chars(double value, std::chars_format format, int precision) {
  std::string out(static_cast<std::size_t>(precision) + 400, '\0');
  const auto end = std::to_chars(out.data(), out.data() + out.size(), value, format, precision);
  out.resize(static_cast<std::size_t>(end.ptr - out.data()));
  return out;
}

// %g: as many digits as asked for, an exponent when the number is large or small for them.
std::string general(double value, int precision, bool alternative) {
  if (precision == 0) precision = 1;
  std::string out = chars(value, std::chars_format::scientific, precision - 1);
  int exponent = 0;
  const std::size_t e = out.find('e');
  std::from_chars(out.data() + e + (out[e + 1] == '+' ? 2 : 1), out.data() + out.size(), exponent);
  if (exponent >= -4 && exponent < precision) {
    out = chars(value, std::chars_format::fixed, precision - 1 - exponent);
  }
  if (!alternative) drop_zeros(out);
  return out;
}

}  // namespace

std::string format_real(double value, char style, int precision, bool alternative) {
  const char lower = static_cast<char>(style | 0x20);
  std::string out;
  if (!std::isfinite(value)) {
    out = std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
  } else if (lower == 'f') {
    out = chars(value, std::chars_format::fixed, precision);
  } else if (lower == 'e') {
    out = chars(value, std::chars_format::scientific, precision);
  } else {
    out = general(value, precision, alternative);
  }
  if (style != lower) to_upper_ascii(out);
  return out;
}

NumberText real_text(double value, const NumberStyle& style) {
  NumberText out;
  char type = style.type;
  const bool percent = type == '%';
  if (type == 'n') type = 'g';
  if (percent) {
    value *= 100;
    type = 'f';
  }
  const double magnitude = std::fabs(value);
  if (type == 0 && style.precision < 0) {
    out.digits = repr_of(magnitude);
  } else if (type == 0) {
    // Like g, but with a digit behind the point and an exponent one digit earlier.
    out.digits = format_real(magnitude, 'g', std::max(style.precision, 1));
    const bool plain = out.digits.find_first_of(".en") == std::string::npos;
    if (plain && out.digits.size() >= static_cast<std::size_t>(std::max(style.precision, 1))) {
      out.digits =
          chars(magnitude, std::chars_format::scientific, std::max(style.precision, 1) - 1);
      drop_zeros(out.digits);
    } else if (plain) {
      out.digits += ".0";
    }
  } else {
    const int precision = style.precision < 0 ? 6 : style.precision;
    out.digits = format_real(magnitude, type, precision, style.alternative);
  }
  if (style.alternative && std::isfinite(value) && out.digits.find('.') == std::string::npos) {
    const std::size_t e = out.digits.find_first_of("eE");
    out.digits.insert(e == std::string::npos ? out.digits.size() : e, ".");
  }
  if (style.group != 0) out.digits = grouped(out.digits, style.group, 3);
  if (percent) out.digits += '%';
  if (std::signbit(value) && !std::isnan(value)) {
    out.sign = "-";
  } else if (style.sign != '-') {
    out.sign = std::string(1, style.sign);
  }
  return out;
}

NumberText integer_text(const Value& value, const NumberStyle& style) {
  NumberText out;
  const BigInteger n = big_of(value);
  const char lower = static_cast<char>(style.type | 0x20);
  const unsigned base = lower == 'x' ? 16 : lower == 'o' ? 8 : lower == 'b' ? 2 : 10;
  out.digits = (n.negative() ? -n : n).to_string(base);
  if (style.group != 0) out.digits = grouped(out.digits, style.group, base == 10 ? 3 : 4);
  out.sign = n.negative() ? "-" : style.sign == '-' ? "" : std::string(1, style.sign);
  if (style.alternative && base != 10) out.sign += std::string("0") + lower;
  if (style.type == 'X') {
    to_upper_ascii(out.digits);
    to_upper_ascii(out.sign);
  }
  return out;
}

}  // namespace typecase::chat
