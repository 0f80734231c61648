/// Filters on numbers.
#include "base/utf8.h"
#include "text/chat/big_integer.h"
#include "text/chat/characters.h"
#include "text/chat/interpreter.h"
#include "text/chat/operators.h"
#include "text/chat/percent_format.h"
#include "text/chat/tables.h"

#include <typecase/error.h>

#include <charconv>
#include <cmath>

namespace typecase::chat {
namespace {

/// Other scripts' digits as 0 to 9, blanks around removed; what int() and float() read.
std::string ascii_number(std::string_view text) {
  std::string out;
  text = strip(text);
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Char c = decode_utf8(text, i);
    const int digit = decimal_value(c.code_point);
    if (digit >= 0) {
      out += static_cast<char>('0' + digit);
    } else {
      append_utf8(out, c.code_point);
    }
    i += c.size;
  }
  return out;
}

/// Removes underscores that stand between digits; false when one stands elsewhere.
bool remove_underscores(std::string& digits) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] != '_') {
      out += digits[i];
    } else if (i == 0 || i + 1 == digits.size() ||
               !std::isalnum(static_cast<unsigned char>(digits[i - 1])) ||
               !std::isalnum(static_cast<unsigned char>(digits[i + 1]))) {
      return false;
    }
  }
  digits = std::move(out);
  return true;
}

int prefix_base(std::string_view text) {
  if (text.size() < 2 || text[0] != '0') return 10;
  const char letter = static_cast<char>(text[1] | 0x20);
  return letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
}

/// int(text, base), or nothing.
std::optional<BigInteger> parse_integer(std::string_view text, std::int64_t base) {
  std::string digits = ascii_number(text);
  bool negative = false;
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) {
    negative = digits[0] == '-';
    digits.erase(0, 1);
  }
  if (base != 0 && (base < 2 || base > 36)) return std::nullopt;
  if (const int own = prefix_base(digits); own != 10 && (base == 0 || base == own)) {
    digits.erase(0, digits.size() > 2 && digits[2] == '_' ? 3 : 2);
    base = own;
  } else if (base == 0) {
    base = 10;
    if (digits.size() > 1 && digits[0] == '0' &&
        digits.find_first_not_of("0_") != std::string::npos) {
      return std::nullopt;
    }
  }
  if (digits.empty() || !remove_underscores(digits)) return std::nullopt;
  if (digits.size() > 4300)
    throw Error(Code::limit, "the integer limit is reached: more than 4300 digits");
  for (const char c : digits) {
    const int lower = c | 0x20;
    const int digit = c >= '0' && c <= '9'           ? c - '0'
                      : lower >= 'a' && lower <= 'z' ? lower - 'a' + 10
                                                     : 99;
    if (digit >= base) return std::nullopt;
  }
  BigInteger out = BigInteger::parse(digits, static_cast<int>(base));
  return negative ? -out : out;
}

/// float(text), or nothing.
std::optional<double> parse_real(std::string_view text) {
  std::string digits = ascii_number(text);
  if (!remove_underscores(digits)) return std::nullopt;
  const bool plus = digits.starts_with('+');
  const std::size_t sign = plus || digits.starts_with('-') ? 1 : 0;
  const std::string lower = to_lower(std::string_view(digits).substr(sign));
  const double factor = digits.starts_with('-') ? -1 : 1;
  if (lower == "inf" || lower == "infinity") return factor * HUGE_VAL;
  if (lower == "nan") return std::nan("");
  if (lower.empty() || lower.find_first_not_of("0123456789.e+-") != std::string::npos) {
    return std::nullopt;
  }
  double value = 0;
  const auto result = std::from_chars(lower.data(), lower.data() + lower.size(), value);
  if (result.ptr != lower.data() + lower.size() || lower[0] == '-') return std::nullopt;
  if (result.ec == std::errc::result_out_of_range) value = std::strtod(lower.c_str(), nullptr);
  if (result.ec == std::errc::invalid_argument) return std::nullopt;
  return factor * value;
}

Value truncated(double value, const Value& otherwise, Meter* meter) {
  if (!std::isfinite(value)) return otherwise;
  return integer_value(BigInteger::from_double(value), meter);
}

Value to_integer(Call& c) {
  c.bind({"default", "base"});
  const Value otherwise = c.given(0) ? c[0] : Value::integer(0);
  if (c.self.is_undefined()) fail_undefined(c.self);
  if (c.self.is(Kind::real)) {
    if (std::isinf(c.self.as_real())) {
      throw Error(Code::limit, "the integer limit is reached: infinity is no integer");
    }
    return truncated(c.self.as_real(), otherwise, c.meter());
  }
  if (c.self.is_integral()) return integer_value(big_of(c.self), c.meter());
  if (!c.self.is_string()) return otherwise;
  if (const auto n = parse_integer(c.self.text().bytes, c.integer_or(1, 10))) {
    return integer_value(*n, c.meter());
  }
  const auto real = parse_real(c.self.text().bytes);
  return real ? truncated(*real, otherwise, c.meter()) : otherwise;
}

Value to_float(Call& c) {
  c.bind({"default"});
  const Value otherwise = c.given(0) ? c[0] : Value::real(0);
  if (c.self.is_undefined()) fail_undefined(c.self);
  if (c.self.is_number()) return Value::real(to_double(c.self));
  if (!c.self.is_string()) return otherwise;
  const auto real = parse_real(c.self.text().bytes);
  return real ? Value::real(*real) : otherwise;
}

Value absolute(Call& c) {
  c.bind({});
  if (c.self.is_undefined()) fail_undefined(c.self);
  if (!c.self.is_number()) c.fail(std::string("bad operand type '") + type_name(c.self) + "'");
  if (c.self.is(Kind::real)) return Value::real(std::fabs(c.self.as_real()));
  const BigInteger n = big_of(c.self);
  return integer_value(n.negative() ? -n : n, c.meter());
}

// Half to even, on the exact decimal value.
double rounded(double value, std::int64_t digits) {
  if (!std::isfinite(value) || digits > 323) return value;
  if (digits < -308) return std::copysign(0.0, value);
  if (digits >= 0) {
    const std::string text = format_real(value, 'f', static_cast<int>(digits));
    return std::strtod(text.c_str(), nullptr);
  }
  const double unit = std::pow(10.0, static_cast<double>(-digits));
  return std::nearbyint(value / unit) * unit;
}

Value rounded_integer(const Value& value, std::int64_t digits, Meter* meter) {
  if (digits >= 0) return integer_value(big_of(value), meter);
  if (digits < -4300) return Value::integer(0);
  const BigInteger unit =
      big_of(arithmetic(Expr::Op::power, Value::integer(10), Value::integer(-digits), meter));
  auto [quotient, rest] = BigInteger::floor_divide(big_of(value), unit);
  const auto order = (rest + rest) <=> unit;
  const bool odd = !BigInteger::floor_divide(quotient, BigInteger(2)).second.zero();
  if (order > 0 || (order == 0 && odd)) quotient = quotient + BigInteger(1);
  return integer_value(quotient * unit, meter);
}

Value round_number(Call& c) {
  c.bind({"precision", "method"});
  const std::int64_t digits = c.integer_or(0, 0);
  const std::string method = c.text_or(1, "common").bytes;
  if (method != "common" && method != "ceil" && method != "floor") {
    c.fail("method must be common, ceil or floor");
  }
  if (c.self.is_undefined()) fail_undefined(c.self);
  if (!c.self.is_number()) c.fail(std::string("needs a number, got '") + type_name(c.self) + "'");
  if (method == "common") {
    if (c.self.is_integral()) return rounded_integer(c.self, digits, c.meter());
    return Value::real(rounded(c.self.as_real(), digits));
  }
  using Op = Expr::Op;
  const Value scale = arithmetic(Op::power, Value::integer(10), Value::integer(digits), c.meter());
  const double scaled = to_double(arithmetic(Op::multiply, c.self, scale, c.meter()));
  if (!std::isfinite(scaled)) c.fail("the number is too large");
  const BigInteger whole =
      BigInteger::from_double(method == "ceil" ? std::ceil(scaled) : std::floor(scaled));
  return arithmetic(Op::divide, integer_value(whole, c.meter()), scale, c.meter());
}

Value file_size(Call& c) {
  c.bind({"binary"});
  double bytes = 0;
  if (c.self.is_number()) {
    bytes = to_double(c.self);
  } else if (c.self.is_string()) {
    const auto real = parse_real(c.self.text().bytes);
    if (!real) c.fail("needs a number");
    bytes = *real;
  } else {
    if (c.self.is_undefined()) fail_undefined(c.self);
    c.fail("needs a number");
  }
  const bool binary = c.truth_or(0, false);
  const double base = binary ? 1024 : 1000;
  if (bytes == 1) return c.in.text_value("1 Byte");
  if (bytes < base) return c.in.text_value(format_real(std::trunc(bytes), 'f', 0) + " Bytes");
  constexpr std::string_view kPrefixes = "kMGTPEZY";
  double unit = base;
  for (const char prefix : kPrefixes) {
    unit *= base;
    if (bytes >= unit && prefix != kPrefixes.back()) continue;
    const char shown = binary && prefix == 'k' ? 'K' : prefix;
    return c.in.text_value(format_real(base * bytes / unit, 'f', 1) + " " + shown +
                           (binary ? "iB" : "B"));
  }
  return c.in.text_value("");
}

constexpr Builtin kFilters[] = {
    {"int", to_integer},     {"float", to_float},           {"abs", absolute},
    {"round", round_number}, {"filesizeformat", file_size},
};

}  // namespace

std::span<const Builtin> number_filters() { return kFilters; }

}  // namespace typecase::chat
