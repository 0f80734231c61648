#pragma once

#include <typecase/error.h>
#include <typecase/json.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace typecase {

/// A part of a configuration that knows its JSON pointer, so that every error names the place.
///
///     config.at("pattern").text()      Error: /pre_tokenizer/pattern: expected string, found null
///
/// Lifetime: the Json it looks at must outlive it.
class ConfigValue {
 public:
  ConfigValue(const Json& value, std::string pointer)
      : value_(&value), pointer_(std::move(pointer)) {}

  const Json& json() const noexcept { return *value_; }
  const std::string& pointer() const noexcept { return pointer_; }

  /// The member; Error(bad_file) when it is missing or this is no object.
  ConfigValue at(std::string_view key) const;
  /// Whether there is such a member and it is not null.
  bool has(std::string_view key) const noexcept;
  /// The elements of an array.
  std::vector<ConfigValue> elements() const;

  bool flag() const;
  std::int64_t integer() const;
  double number() const;
  const std::string& text() const;
  /// A string of one character.
  char32_t character() const;

  bool flag_or(std::string_view key, bool otherwise) const;
  std::string text_or(std::string_view key, std::string_view otherwise) const;

  /// The same check on a whole object: Error(bad_file) "expected object, found …".
  void require_object() const;

  /// An Error whose place is this pointer.
  Error error(Code code, const std::string& message) const;

 private:
  [[noreturn]] void wrong_kind(std::string_view expected) const;
  const Json* value_;
  std::string pointer_;
};

}  // namespace typecase
