#pragma once

#include "text/chat/value.h"

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace typecase::chat {

/// A whole number of any size: sign and magnitude in base 2³², least significant digit first.
class BigInteger {
 public:
  BigInteger() = default;
  explicit BigInteger(std::int64_t value);
  /// Truncates towards zero.   REQUIRES: finite.
  static BigInteger from_double(double value);
  /// Digits in `base` (2 … 36), nothing else.
  static BigInteger parse(std::string_view digits, int base);

  bool negative() const noexcept { return negative_; }
  bool zero() const noexcept { return digits_.empty(); }
  bool fits_int64() const noexcept;
  std::int64_t to_int64() const noexcept;  // REQUIRES: fits
  double to_double() const noexcept;       // infinity when too large
  std::string to_string(unsigned base = 10) const;
  /// Bits of the magnitude.
  std::size_t bits() const noexcept;

  BigInteger operator-() const;
  friend BigInteger operator+(const BigInteger& a, const BigInteger& b);
  friend BigInteger operator-(const BigInteger& a, const BigInteger& b) { return a + -b; }
  friend BigInteger operator*(const BigInteger& a, const BigInteger& b);
  /// Quotient rounded down and a remainder with the sign of `b`, as in Python.   REQUIRES: b ≠ 0.
  static std::pair<BigInteger, BigInteger> floor_divide(const BigInteger& a, const BigInteger& b);
  friend std::strong_ordering operator<=>(const BigInteger& a, const BigInteger& b);
  friend bool operator==(const BigInteger& a, const BigInteger& b) = default;

 private:
  using Digits = std::vector<std::uint32_t>;
  static std::strong_ordering compare(const Digits& a, const Digits& b);
  static Digits add(const Digits& a, const Digits& b);
  static Digits subtract(const Digits& a, const Digits& b);  // REQUIRES: a ≥ b
  static std::pair<Digits, Digits> divide(const Digits& a, const Digits& b);
  static std::uint32_t divide_small(Digits& a, std::uint32_t by);
  static void trim(Digits& digits);

  bool negative_ = false;
  Digits digits_{};
};

struct Big final : Object {
  BigInteger value{};
};

/// A value of kind integer when it fits, else big_integer.
Value integer_value(const BigInteger& n, Meter* meter);
/// REQUIRES: bool or int.
BigInteger big_of(const Value& value);
/// Exact comparison of bool, int and float; NaN is unordered.
std::partial_ordering compare_numbers(const Value& a, const Value& b);
/// As a double.   REQUIRES: a number.
double to_double(const Value& value);

}  // namespace typecase::chat
