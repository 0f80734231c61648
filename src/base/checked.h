#pragma once

#include <typecase/error.h>

#include <concepts>
#include <cstdint>
#include <string>
#include <utility>

namespace typecase {

/// Sizes that come from files are only ever added and multiplied through these.
/// Throw Error(bad_file) naming `what` when the result does not fit 64 bits.
inline std::uint64_t checked_add(std::uint64_t a, std::uint64_t b, std::string_view what) {
  std::uint64_t out;
  if (__builtin_add_overflow(a, b, &out)) {
    throw Error(Code::bad_file, std::string(what) + " is too large for 64 bits");
  }
  return out;
}
inline std::uint64_t checked_mul(std::uint64_t a, std::uint64_t b, std::string_view what) {
  std::uint64_t out;
  if (__builtin_mul_overflow(a, b, &out)) {
    throw Error(Code::bad_file, std::string(what) + " is too large for 64 bits");
  }
  return out;
}

/// `value` in another integer type, or Error(bad_file) naming `what`.
template <std::integral To, std::integral From>
To checked_cast(From value, std::string_view what) {
  if (!std::in_range<To>(value)) {
    throw Error(Code::bad_file,
                std::string(what) + " is " + std::to_string(value) + ", which is out of range");
  }
  return static_cast<To>(value);
}

/// A caller broke a documented promise: always checked, throws Error(failed).
#define TYPECASE_CHECK(condition)                                                       \
  do {                                                                                  \
    if (!(condition)) [[unlikely]]                                                      \
      throw ::typecase::Error(::typecase::Code::failed,                                 \
                              "internal check failed: " #condition " (please report)"); \
  } while (false)

}  // namespace typecase
