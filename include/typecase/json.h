#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace typecase {

/// What parse() accepts. Model files are held to the strict defaults.
struct JsonLimits {
  int depth = 64;               ///< nested arrays and objects
  bool duplicate_keys = false;  ///< false: a key given twice in one object is an error
};

/// A JSON value. Objects keep the order of their keys; integers keep all 64 bits and stay apart
/// from floating-point numbers (1 and 1.0 differ, as they do to the reference).
///
/// A value knows nothing of its place; accessors that fail throw Error(bad_file) naming `key` paths
/// as far as they know them, and callers add the file with Error::at.
class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() noexcept : value_(nullptr) {}
  Json(std::nullptr_t) noexcept : value_(nullptr) {}
  Json(bool v) noexcept : value_(v) {}
  Json(int v) noexcept : value_(std::int64_t{v}) {}
  Json(std::int64_t v) noexcept : value_(v) {}
  Json(double v) noexcept : value_(v) {}
  Json(float v) noexcept : value_(Float32{v}) {}
  Json(const char* v) : value_(std::string(v)) {}
  Json(std::string_view v) : value_(std::string(v)) {}
  Json(std::string v) noexcept : value_(std::move(v)) {}
  Json(Array v) noexcept : value_(std::move(v)) {}
  Json(Object v) noexcept : value_(std::move(v)) {}
  template <class T>
  static Json array_of(const T& items) {
    Array out;
    out.reserve(items.size());
    for (const auto& item : items) out.emplace_back(item);
    return out;
  }
  static Json array() { return Array{}; }
  static Json object() { return Object{}; }

  /// Parses one document. Throws Error(bad_file) with line and offset; Error(limit) for depth.
  static Json parse(std::string_view text, const JsonLimits& limits = {});

  bool is_null() const noexcept { return holds<std::nullptr_t>(); }
  bool is_bool() const noexcept { return holds<bool>(); }
  bool is_integer() const noexcept { return holds<std::int64_t>(); }
  bool is_float() const noexcept { return holds<double>() || holds<Float32>(); }
  bool is_number() const noexcept { return is_integer() || is_float(); }
  bool is_string() const noexcept { return holds<std::string>(); }
  bool is_array() const noexcept { return holds<Array>(); }
  bool is_object() const noexcept { return holds<Object>(); }
  /// "null", "boolean", "integer", "number", "string", "array" or "object".
  std::string_view kind() const noexcept;

  /// The value, or Error(bad_file) "expected K, found K'".
  bool as_bool() const;
  std::int64_t as_integer() const;
  double as_number() const;  ///< integers too
  const std::string& as_string() const;
  const Array& as_array() const;
  Array& as_array();
  const Object& as_object() const;
  Object& as_object();

  /// The member of an object, or nullptr; nullptr too when this is no object.
  const Json* find(std::string_view key) const noexcept;
  bool has(std::string_view key) const noexcept { return find(key) != nullptr; }
  /// The member, or Error(bad_file) naming the key.
  const Json& at(std::string_view key) const;
  /// Adds or replaces a member. A null value becomes an empty object first.
  Json& set(std::string_view key, Json value);
  void erase(std::string_view key);
  void push_back(Json value) { as_array().push_back(std::move(value)); }
  std::size_t size() const noexcept;  ///< members or elements; 0 for scalars

  /// One line with Python's separators (", " and ": "), as the batch interface prints. A float made
  /// from a float32 prints as the shortest decimal that reads back to the same float32; non-finite
  /// numbers print as the strings "inf", "-inf", "nan".
  std::string dump() const;
  void dump_to(std::string& out) const;
  /// Several lines, two spaces deep: for people.
  std::string pretty() const;

  friend bool operator==(const Json&, const Json&) = default;

 private:
  struct Float32 {
    float value;
    friend bool operator==(const Float32&, const Float32&) = default;
  };
  template <class T>
  bool holds() const noexcept {
    return std::holds_alternative<T>(value_);
  }
  std::variant<std::nullptr_t, bool, std::int64_t, double, Float32, std::string, Array, Object>
      value_;
};

/// `text` as a JSON string, quotes included. Invalid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace typecase
