#include "text/chat/operators.h"

#include "base/utf8.h"
#include "text/chat/big_integer.h"
#include "text/chat/percent_format.h"
#include "text/chat/print.h"

#include <typecase/error.h>

#include <cmath>

namespace typecase::chat {
namespace {

using Op = Expr::Op;

const char* symbol(Op op) {
  switch (op) {
    case Op::add:
      return "+";
    case Op::subtract:
      return "-";
    case Op::multiply:
      return "*";
    case Op::divide:
      return "/";
    case Op::floor_divide:
      return "//";
    case Op::modulo:
      return "%";
    default:
      return "**";
  }
}

[[noreturn]] void fail_operands(Op op, const Value& a, const Value& b) {
  fail_value(std::string("unsupported operand types for ") + symbol(op) + ": '" + type_name(a) +
             "' and '" + type_name(b) + "'");
}

Value power_of_integers(const Value& a, const Value& b, Meter* meter) {
  const BigInteger exponent = big_of(b);
  if (exponent.negative()) {
    if (big_of(a).zero()) fail_value("0 cannot be raised to a negative power");
    return Value::real(std::pow(to_double(a), to_double(b)));
  }
  BigInteger base = big_of(a);
  if (base.bits() <= 1) {  // −1, 0 or 1
    const bool odd = !exponent.zero() && exponent.to_string().back() % 2 == 1;
    if (exponent.zero()) return Value::integer(1);
    if (base.negative()) return Value::integer(odd ? -1 : 1);
    return Value::integer(base.zero() ? 0 : 1);
  }
  if (!exponent.fits_int64() || exponent.to_int64() > 20'000) {
    throw Error(Code::limit, "the integer limit is reached: more than 4300 digits");
  }
  BigInteger out(1);
  for (std::int64_t n = exponent.to_int64(); n > 0; n >>= 1) {
    meter->elements(base.bits() / 8);
    if ((n & 1) != 0) out = out * base;
    if (n > 1) base = base * base;
  }
  return integer_value(out, meter);
}

Value divide_integers(Op op, const Value& a, const Value& b, Meter* meter) {
  const BigInteger divisor = big_of(b);
  if (divisor.zero()) fail_value("division by zero");
  meter->elements(big_of(a).bits() * divisor.bits() / 1024);
  const auto [quotient, rest] = BigInteger::floor_divide(big_of(a), divisor);
  return integer_value(op == Op::floor_divide ? quotient : rest, meter);
}

Value integers(Op op, const Value& a, const Value& b, Meter* meter) {
  if (!a.is(Kind::big_integer) && !b.is(Kind::big_integer)) {
    std::int64_t out = 0;
    const std::int64_t x = a.as_integer();
    const std::int64_t y = b.as_integer();
    if (op == Op::add && !__builtin_add_overflow(x, y, &out)) return Value::integer(out);
    if (op == Op::subtract && !__builtin_sub_overflow(x, y, &out)) return Value::integer(out);
    if (op == Op::multiply && !__builtin_mul_overflow(x, y, &out)) return Value::integer(out);
  }
  switch (op) {
    case Op::add:
      return integer_value(big_of(a) + big_of(b), meter);
    case Op::subtract:
      return integer_value(big_of(a) - big_of(b), meter);
    case Op::multiply:
      return integer_value(big_of(a) * big_of(b), meter);
    case Op::power:
      return power_of_integers(a, b, meter);
    default:
      return divide_integers(op, a, b, meter);
  }
}

// The remainder has the sign of the divisor; the quotient is what then divides evenly.
Value divide_reals(Op op, double a, double b) {
  if (b == 0) fail_value("float division by zero");
  double rest = std::fmod(a, b);
  double quotient = (a - rest) / b;
  if (rest != 0) {
    if ((b < 0) != (rest < 0)) {
      rest += b;
      quotient -= 1;
    }
  } else {
    rest = std::copysign(0.0, b);
  }
  if (op == Op::modulo) return Value::real(rest);
  if (quotient == 0) return Value::real(std::copysign(0.0, a / b));
  double floored = std::floor(quotient);
  if (quotient - floored > 0.5) floored += 1;
  return Value::real(floored);
}

Value power_of_reals(double a, double b) {
  if (a == 0 && b < 0) fail_value("0.0 cannot be raised to a negative power");
  if (a < 0 && std::floor(b) != b) fail_value("complex numbers are not supported");
  const double out = std::pow(a, b);
  if (std::isinf(out) && std::isfinite(a) && std::isfinite(b)) {
    throw Error(Code::limit, "the float limit is reached: the result of ** is out of range");
  }
  return Value::real(out);
}

Value numbers(Op op, const Value& a, const Value& b, Meter* meter) {
  if (a.is_integral() && b.is_integral() && op != Op::divide) return integers(op, a, b, meter);
  const double x = to_double(a);
  const double y = to_double(b);
  if ((a.is(Kind::big_integer) && std::isinf(x)) || (b.is(Kind::big_integer) && std::isinf(y))) {
    throw Error(Code::limit, "the float limit is reached: an integer is too large for a float");
  }
  switch (op) {
    case Op::add:
      return Value::real(x + y);
    case Op::subtract:
      return Value::real(x - y);
    case Op::multiply:
      return Value::real(x * y);
    case Op::divide:
      if (y == 0) fail_value("division by zero");
      return Value::real(x / y);
    case Op::power:
      return power_of_reals(x, y);
    default:
      return divide_reals(op, x, y);
  }
}

Value added_strings(const Value& a, const Value& b, Meter* meter) {
  const bool markup = a.as_string().markup || b.as_string().markup;
  meter->string_size(a.text().size() + b.text().size());
  Text out = markup ? escaped(a, meter) : a.text();
  if (markup) {
    out.append(escaped(b, meter));
  } else {
    out.append(b.text());
  }
  return Value::string(std::move(out), meter, markup);
}

Value added_sequences(const Value& a, const Value& b, Meter* meter) {
  const std::size_t size = a.items().size() + b.items().size();
  meter->list_size(size);
  meter->elements(size);
  std::vector<Value> out = a.items();
  out.insert(out.end(), b.items().begin(), b.items().end());
  return a.is(Kind::list) ? Value::list(std::move(out), meter)
                          : Value::tuple(std::move(out), meter);
}

std::size_t repeated_size(std::size_t size, std::int64_t times, std::uint64_t limit) {
  if (times <= 0 || size == 0) return 0;
  const auto n = static_cast<std::uint64_t>(times);
  return n > limit / size + 1 ? limit + 1 : size * n;
}

Value repeated(const Value& value, const Value& count, Meter* meter) {
  if (count.is(Kind::big_integer)) {
    if (big_of(count).negative()) return repeated(value, Value::integer(0), meter);
    meter->string_size(~std::size_t{0});
  }
  const std::int64_t times = count.as_integer();
  if (value.is_string()) {
    const std::size_t size = repeated_size(value.text().size(), times, meter->limits().string);
    meter->string_size(size);
    meter->work(size);
    Text out;
    out.bytes.reserve(size);
    while (out.size() < size) out.append(value.text());
    return Value::string(std::move(out), meter, value.as_string().markup);
  }
  const std::size_t size = repeated_size(value.items().size(), times, meter->limits().list);
  meter->list_size(size);
  meter->elements(size);
  std::vector<Value> out;
  out.reserve(size);
  while (out.size() < size) out.insert(out.end(), value.items().begin(), value.items().end());
  return value.is(Kind::list) ? Value::list(std::move(out), meter)
                              : Value::tuple(std::move(out), meter);
}

bool equal_dicts(const Dict& a, const Dict& b, Meter* meter, int depth) {
  if (a.items.size() != b.items.size()) return false;
  for (const auto& [key, value] : a.items) {
    const Value* other = b.find(key);
    if (other == nullptr || !equal(value, *other, meter, depth)) return false;
  }
  return true;
}

bool equal_ranges(const Range& a, const Range& b) {
  if (a.size() != b.size()) return false;
  if (a.size() == 0) return true;
  return a.start == b.start && (a.size() == 1 || a.step == b.step);
}

void check_depth(int depth) {
  if (depth > kMaxValueDepth) {
    throw Error(Code::limit, "the value depth limit is reached: more than " +
                                 std::to_string(kMaxValueDepth) + " levels are compared");
  }
}

}  // namespace

void fail_value(std::string message) { throw Error(Code::invalid_argument, std::move(message)); }

void fail_undefined(const Value& value) {
  if (value.address() == nullptr) fail_value("a value is undefined");
  fail_value(value.get<Undefined>().message);
}

bool truth(const Value& value) {
  switch (value.kind()) {
    case Kind::missing:
    case Kind::undefined:
    case Kind::none:
      return false;
    case Kind::boolean:
      return value.as_bool();
    case Kind::integer:
      return value.as_integer() != 0;
    case Kind::real:
      return value.as_real() != 0;
    default:
      break;
  }
  const auto length = length_of(value);
  return !length || *length != 0;
}

Value arithmetic(Op op, const Value& a, const Value& b, Meter* meter) {
  if (a.is_number() && b.is_number()) return numbers(op, a, b, meter);
  if (op == Op::modulo && a.is_string()) return percent_format(a, b, meter);
  if (a.is_undefined()) fail_undefined(a);
  if (b.is_undefined()) fail_undefined(b);
  if (op == Op::add && a.is_string() && b.is_string()) return added_strings(a, b, meter);
  if (op == Op::add && a.is_sequence() && a.kind() == b.kind()) return added_sequences(a, b, meter);
  if (op == Op::multiply && b.is_integral() && (a.is_string() || a.is_sequence())) {
    return repeated(a, b, meter);
  }
  if (op == Op::multiply && a.is_integral() && (b.is_string() || b.is_sequence())) {
    return repeated(b, a, meter);
  }
  fail_operands(op, a, b);
}

Value negated(const Value& value, Meter* meter) {
  if (value.is(Kind::real)) return Value::real(-value.as_real());
  if (value.is_integral()) return integer_value(-big_of(value), meter);
  if (value.is_undefined()) fail_undefined(value);
  fail_value(std::string("bad operand type for unary -: '") + type_name(value) + "'");
}

bool equal(const Value& a, const Value& b, Meter* meter, int depth) {
  check_depth(depth);
  meter->step();
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::undefined:
    case Kind::none:
      return true;
    case Kind::string:
      return a.text().bytes == b.text().bytes;
    case Kind::list:
    case Kind::tuple: {
      const auto& x = a.items();
      const auto& y = b.items();
      if (x.size() != y.size()) return false;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const bool same = x[i].address() != nullptr && x[i].address() == y[i].address();
        if (!same && !equal(x[i], y[i], meter, depth + 1)) return false;
      }
      return true;
    }
    case Kind::dict:
      return equal_dicts(a.get<Dict>(), b.get<Dict>(), meter, depth + 1);
    case Kind::range:
      return equal_ranges(a.get<Range>(), b.get<Range>());
    default:
      return a.address() == b.address();
  }
}

bool less(const Value& a, const Value& b, Meter* meter, int depth) {
  check_depth(depth);
  meter->step();
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) < 0;
  if (a.is_string() && b.is_string()) {
    meter->work(std::min(a.text().size(), b.text().size()));
    return a.text().bytes < b.text().bytes;  // UTF-8 sorts as code points do
  }
  if (a.is_sequence() && a.kind() == b.kind()) {
    const auto& x = a.items();
    const auto& y = b.items();
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
      if (!equal(x[i], y[i], meter, depth + 1)) return less(x[i], y[i], meter, depth + 1);
    }
    return x.size() < y.size();
  }
  if (a.is_undefined()) fail_undefined(a);
  if (b.is_undefined()) fail_undefined(b);
  fail_value(std::string("values of types '") + type_name(a) + "' and '" + type_name(b) +
             "' have no order");
}

bool compare(Op op, const Value& a, const Value& b, Meter* meter) {
  switch (op) {
    case Op::equal:
      return equal(a, b, meter);
    case Op::unequal:
      return !equal(a, b, meter);
    case Op::in:
      return contains(b, a, meter);
    case Op::not_in:
      return !contains(b, a, meter);
    default:
      break;
  }
  if (a.is_number() && b.is_number()) {
    const auto order = compare_numbers(a, b);
    if (op == Op::less) return order < 0;
    if (op == Op::less_equal) return order <= 0;
    if (op == Op::greater) return order > 0;
    return order >= 0;
  }
  if (op == Op::less) return less(a, b, meter);
  if (op == Op::greater) return less(b, a, meter);
  if (op == Op::less_equal) return !less(b, a, meter);
  return !less(a, b, meter);
}

bool contains(const Value& container, const Value& item, Meter* meter) {
  meter->step();
  switch (container.kind()) {
    case Kind::undefined:
      return false;
    case Kind::string:
      if (!item.is_string()) {
        fail_value(std::string("'in <string>' needs a string on its left, not ") + type_name(item));
      }
      meter->work(container.text().size());
      return container.text().bytes.find(item.text().bytes) != std::string::npos;
    case Kind::dict:
      return container.get<Dict>().find(item) != nullptr;
    case Kind::view:
      if (container.get<View>().of == View::Of::keys) {
        return container.get<View>().dict.get<Dict>().find(item) != nullptr;
      }
      break;
    default:
      break;
  }
  for (const Value& other : items_of(container, meter)) {
    if (equal(other, item, meter)) return true;
  }
  return false;
}

}  // namespace typecase::chat
