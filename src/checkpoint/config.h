#pragma once

#include <typecase/json.h>

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace typecase {

/// Typed, range-checked reading of a config object. Errors are Error(bad_file) naming the key, what
/// was expected and what was found; callers add the file with Error::at. In the functions with a
/// default, a missing key and null mean the default.
namespace config {

inline constexpr std::int64_t kAnyInteger = std::numeric_limits<std::int64_t>::max();
inline constexpr double kAnyNumber = std::numeric_limits<double>::max();

/// A whole number in [least, most]. 2.0 is none: the reference fails on it too.
std::int64_t integer(const Json& object, std::string_view key, std::int64_t least,
                     std::int64_t most = kAnyInteger);
std::int64_t integer_or(const Json& object, std::string_view key, std::int64_t otherwise,
                        std::int64_t least, std::int64_t most = kAnyInteger);
/// Nothing when missing or null.
std::optional<std::int64_t> optional_integer(const Json& object, std::string_view key,
                                             std::int64_t least, std::int64_t most = kAnyInteger);

/// A finite number in [least, most]; integers too.
double number(const Json& object, std::string_view key, double least = -kAnyNumber,
              double most = kAnyNumber);
double number_or(const Json& object, std::string_view key, double otherwise,
                 double least = -kAnyNumber, double most = kAnyNumber);
std::optional<double> optional_number(const Json& object, std::string_view key,
                                      double least = -kAnyNumber, double most = kAnyNumber);

bool boolean(const Json& object, std::string_view key);
bool boolean_or(const Json& object, std::string_view key, bool otherwise);

std::string string(const Json& object, std::string_view key);
std::string string_or(const Json& object, std::string_view key, std::string_view otherwise);
/// A string that is one of `choices`; the error lists them.
std::string one_of(const Json& object, std::string_view key,
                   std::initializer_list<std::string_view> choices);

/// The member, unless missing or null.
const Json* find(const Json& object, std::string_view key) noexcept;

}  // namespace config

/// Reads and checks a JSON file that must hold one object (config.json and its kind): at most
/// limits::kConfigFile bytes (or `most`), no byte-order mark, no key twice. Errors name the file.
Json read_json_object(const std::string& path, std::uint64_t most);

/// The same from text; errors carry line and offset only.
Json parse_json_object(std::string_view text);

}  // namespace typecase
