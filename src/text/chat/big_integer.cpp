#include "text/chat/big_integer.h"

#include <typecase/error.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace typecase::chat {
namespace {

constexpr std::size_t kMaxBits = 14'285;  // 4,300 decimal digits, where Python stops printing

}  // namespace

void BigInteger::trim(Digits& digits) {
  while (!digits.empty() && digits.back() == 0) digits.pop_back();
}

BigInteger::BigInteger(std::int64_t value) : negative_(value < 0) {
  auto magnitude = static_cast<std::uint64_t>(value);
  if (negative_) magnitude = 0 - magnitude;
  digits_ = {static_cast<std::uint32_t>(magnitude), static_cast<std::uint32_t>(magnitude >> 32)};
  trim(digits_);
}

BigInteger BigInteger::from_double(double value) {
  int exponent = 0;
  const double fraction = std::frexp(std::fabs(std::trunc(value)), &exponent);
  if (exponent <= 53) return BigInteger(static_cast<std::int64_t>(value));
  BigInteger out(static_cast<std::int64_t>(std::ldexp(fraction, 53)));
  const int shift = exponent - 53;
  Digits moved(static_cast<std::size_t>(shift / 32), 0);
  std::uint64_t carry = 0;
  for (const std::uint32_t digit : out.digits_) {
    carry |= static_cast<std::uint64_t>(digit) << (shift % 32);
    moved.push_back(static_cast<std::uint32_t>(carry));
    carry >>= 32;
  }
  moved.push_back(static_cast<std::uint32_t>(carry));
  trim(moved);
  out.digits_ = std::move(moved);
  out.negative_ = value < 0;
  return out;
}

BigInteger BigInteger::parse(std::string_view digits, int base) {
  BigInteger out;
  for (const char c : digits) {
    const int lower = c | 0x20;
    const int digit = c <= '9' ? c - '0' : lower - 'a' + 10;
    std::uint64_t carry = static_cast<std::uint64_t>(digit);
    for (std::uint32_t& d : out.digits_) {
      carry += static_cast<std::uint64_t>(d) * static_cast<std::uint64_t>(base);
      d = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) out.digits_.push_back(static_cast<std::uint32_t>(carry));
  }
  return out;
}

std::size_t BigInteger::bits() const noexcept {
  return digits_.empty()
             ? 0
             : digits_.size() * 32 - static_cast<std::size_t>(std::countl_zero(digits_.back()));
}

bool BigInteger::fits_int64() const noexcept {
  if (bits() < 64) return true;
  return negative_ && bits() == 64 && digits_[1] == 0x80000000u && digits_[0] == 0;
}

std::int64_t BigInteger::to_int64() const noexcept {
  std::uint64_t magnitude = 0;
  for (std::size_t i = digits_.size(); i-- > 0;) magnitude = (magnitude << 32) | digits_[i];
  return static_cast<std::int64_t>(negative_ ? 0 - magnitude : magnitude);
}

// The upper 64 bits with a sticky bit for the rest round as the whole number does.
double BigInteger::to_double() const noexcept {
  const std::size_t size = bits();
  if (size > 1024) return negative_ ? -HUGE_VAL : HUGE_VAL;
  const std::size_t shift = size > 64 ? size - 64 : 0;
  std::uint64_t top = 0;
  bool rest = false;
  for (std::size_t bit = size; bit-- > 0;) {
    const bool set = (digits_[bit / 32] >> (bit % 32) & 1) != 0;
    if (bit >= shift) {
      top = (top << 1) | (set ? 1 : 0);
    } else {
      rest |= set;
    }
  }
  if (rest) top |= 1;
  const double magnitude = std::ldexp(static_cast<double>(top), static_cast<int>(shift));
  return negative_ ? -magnitude : magnitude;
}

std::string BigInteger::to_string(unsigned base) const {
  if (zero()) return "0";
  std::string out;
  for (Digits rest = digits_; !rest.empty();) {
    const std::uint32_t digit = divide_small(rest, base);
    out += static_cast<char>(digit < 10 ? '0' + digit : 'a' + digit - 10);
  }
  if (negative_) out += '-';
  std::reverse(out.begin(), out.end());
  return out;
}

BigInteger BigInteger::operator-() const {
  BigInteger out = *this;
  out.negative_ = !negative_ && !zero();
  return out;
}

std::strong_ordering BigInteger::compare(const Digits& a, const Digits& b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  for (std::size_t i = a.size(); i-- > 0;) {
    if (a[i] != b[i]) return a[i] <=> b[i];
  }
  return std::strong_ordering::equal;
}

BigInteger::Digits BigInteger::add(const Digits& a, const Digits& b) {
  Digits out;
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < std::max(a.size(), b.size()) || carry != 0; ++i) {
    carry += (i < a.size() ? a[i] : 0);
    carry += (i < b.size() ? b[i] : 0);
    out.push_back(static_cast<std::uint32_t>(carry));
    carry >>= 32;
  }
  return out;
}

BigInteger::Digits BigInteger::subtract(const Digits& a, const Digits& b) {
  Digits out = a;
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint64_t take = (i < b.size() ? b[i] : 0) + borrow;
    borrow = out[i] < take ? 1 : 0;
    out[i] = static_cast<std::uint32_t>(out[i] - take);
  }
  trim(out);
  return out;
}

std::uint32_t BigInteger::divide_small(Digits& a, std::uint32_t by) {
  std::uint64_t rest = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    rest = (rest << 32) | a[i];
    a[i] = static_cast<std::uint32_t>(rest / by);
    rest %= by;
  }
  trim(a);
  return static_cast<std::uint32_t>(rest);
}

// Bit by bit: numbers are at most 4,300 digits long, and templates do not divide such numbers.
std::pair<BigInteger::Digits, BigInteger::Digits> BigInteger::divide(const Digits& a,
                                                                     const Digits& b) {
  if (b.size() == 1) {
    Digits quotient = a;
    const std::uint32_t rest = divide_small(quotient, b[0]);
    return {quotient, rest == 0 ? Digits{} : Digits{rest}};
  }
  Digits quotient(a.size(), 0);
  Digits rest;
  for (std::size_t bit = a.size() * 32; bit-- > 0;) {
    std::uint32_t carry = a[bit / 32] >> (bit % 32) & 1;
    for (std::uint32_t& d : rest) {
      const std::uint32_t next = d >> 31;
      d = (d << 1) | carry;
      carry = next;
    }
    if (carry != 0) rest.push_back(carry);
    if (compare(rest, b) >= 0) {
      rest = subtract(rest, b);
      quotient[bit / 32] |= 1u << (bit % 32);
    }
  }
  trim(quotient);
  return {quotient, rest};
}

BigInteger operator+(const BigInteger& a, const BigInteger& b) {
  BigInteger out;
  if (a.negative_ == b.negative_) {
    out.digits_ = BigInteger::add(a.digits_, b.digits_);
    out.negative_ = a.negative_;
    return out;
  }
  const bool a_larger = BigInteger::compare(a.digits_, b.digits_) >= 0;
  const BigInteger& large = a_larger ? a : b;
  out.digits_ = BigInteger::subtract(large.digits_, (a_larger ? b : a).digits_);
  out.negative_ = large.negative_ && !out.zero();
  return out;
}

BigInteger operator*(const BigInteger& a, const BigInteger& b) {
  if (a.bits() + b.bits() > kMaxBits + 64) {
    throw Error(Code::limit, "the integer limit is reached: more than 4300 digits");
  }
  BigInteger out;
  out.digits_.assign(a.digits_.size() + b.digits_.size(), 0);
  for (std::size_t i = 0; i < a.digits_.size(); ++i) {
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < b.digits_.size() || carry != 0; ++j) {
      carry += out.digits_[i + j];
      if (j < b.digits_.size()) carry += static_cast<std::uint64_t>(a.digits_[i]) * b.digits_[j];
      out.digits_[i + j] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
  }
  BigInteger::trim(out.digits_);
  out.negative_ = a.negative_ != b.negative_ && !out.zero();
  return out;
}

std::pair<BigInteger, BigInteger> BigInteger::floor_divide(const BigInteger& a,
                                                           const BigInteger& b) {
  BigInteger quotient;
  BigInteger rest;
  std::tie(quotient.digits_, rest.digits_) = divide(a.digits_, b.digits_);
  quotient.negative_ = a.negative_ != b.negative_ && !quotient.zero();
  rest.negative_ = a.negative_ && !rest.zero();
  if (!rest.zero() && rest.negative_ != b.negative_) {
    quotient = quotient - BigInteger(1);
    rest = rest + b;
  }
  return {quotient, rest};
}

std::strong_ordering operator<=>(const BigInteger& a, const BigInteger& b) {
  if (a.negative_ != b.negative_) return b.negative_ <=> a.negative_;
  const auto order = BigInteger::compare(a.digits_, b.digits_);
  return a.negative_ ? 0 <=> order : order;
}

Value integer_value(const BigInteger& n, Meter* meter) {
  if (n.fits_int64()) return Value::integer(n.to_int64());
  if (n.bits() > kMaxBits) {
    throw Error(Code::limit, "the integer limit is reached: more than 4300 digits");
  }
  auto big = std::make_shared<Big>();
  big->charge(meter, 64 + n.bits() / 8);
  big->value = n;
  return Value::of(Kind::big_integer, std::move(big));
}

BigInteger big_of(const Value& value) {
  if (value.is(Kind::big_integer)) return value.get<Big>().value;
  return BigInteger(value.as_integer());
}

double to_double(const Value& value) {
  if (value.is(Kind::real)) return value.as_real();
  if (value.is(Kind::big_integer)) return value.get<Big>().value.to_double();
  return static_cast<double>(value.as_integer());
}

std::partial_ordering compare_numbers(const Value& a, const Value& b) {
  if (a.is(Kind::real) && b.is(Kind::real)) return a.as_real() <=> b.as_real();
  if (a.is(Kind::real)) return 0 <=> compare_numbers(b, a);
  if (b.is(Kind::real)) {
    const double d = b.as_real();
    if (std::isnan(d)) return std::partial_ordering::unordered;
    if (std::isinf(d)) return 0 <=> d;
    const auto order = big_of(a) <=> BigInteger::from_double(d);
    if (order != 0) return order;
    return std::trunc(d) <=> d;
  }
  if (!a.is(Kind::big_integer) && !b.is(Kind::big_integer))
    return a.as_integer() <=> b.as_integer();
  return big_of(a) <=> big_of(b);
}

}  // namespace typecase::chat
