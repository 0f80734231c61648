#pragma once

#include <typecase/generation_config.h>
#include <typecase/token.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace typecase {

/// Reads fields as the reference's Python meets them: null is "off", booleans are numbers, and what
/// cannot be used where it stands ends in Error(invalid_argument) naming the field.
class FieldReader {
 public:
  /// REQUIRES: `fields` outlives this object.
  explicit FieldReader(const GenerationConfig& fields) : fields_(fields) {}

  /// The value, nullptr when null or not named.
  const Json* value(std::string_view name) const;
  bool has(std::string_view name) const { return value(name) != nullptr; }
  bool truth(std::string_view name) const;  ///< Python's bool(value)

  std::optional<double> number(std::string_view name) const;
  /// Integers, and floats without a fraction.
  std::optional<std::int64_t> integer(std::string_view name) const;
  /// Error when negative.
  std::optional<std::size_t> size(std::string_view name) const;
  std::optional<std::string> text(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;  ///< a string or a list of them
  Tokens tokens(std::string_view name) const;                   ///< an integer or a list of them

  /// Throws Error(invalid_argument): "`name` …, found VALUE".
  [[noreturn]] void refuse(std::string_view name, std::string_view expected) const;

 private:
  const GenerationConfig& fields_;
};

/// A number as Python compares it: booleans are 0 and 1; empty for anything else.
std::optional<double> as_python_number(const Json& value);
/// isinstance(value, int): integers and booleans.
bool is_python_int(const Json& value);

/// Throws Error(invalid_argument) with the field as its place.
[[noreturn]] void refuse_field(std::string_view name, std::string message);

}  // namespace typecase
