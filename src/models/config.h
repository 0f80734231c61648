#pragma once

#include <typecase/json.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace typecase {

/// config.json as a family file asks it: typed, range-checked, with Hugging Face's keys.
///
/// A missing key (for those without a default), a wrong type or a value out of range throws
/// Error(bad_file) naming the file and the key. An explicit null counts as missing.
class Config {
 public:
  /// REQUIRES: `json` outlives this object.
  Config(const Json& json, std::string file) : json_(&json), file_(std::move(file)) {}

  bool has(std::string_view key) const noexcept;
  const Json* find(std::string_view key) const noexcept;  ///< nullptr for null too
  const Json& json() const noexcept { return *json_; }
  const std::string& file() const noexcept { return file_; }

  /// A count: 1 ≤ value ≤ 2³¹ − 1.
  std::int64_t count(std::string_view key) const;
  std::int64_t count(std::string_view key, std::int64_t otherwise) const;
  /// A finite number > 0.
  double positive(std::string_view key) const;
  double positive(std::string_view key, double otherwise) const;
  /// Any finite number.
  double number(std::string_view key, double otherwise) const;
  bool flag(std::string_view key, bool otherwise) const;
  std::string text(std::string_view key, std::string_view otherwise) const;

  /// An object under `key`, with the key in its errors; throws when there is none.
  Config object(std::string_view key) const;

  /// Throws Error(bad_file) about `key`.
  [[noreturn]] void fail(std::string_view key, const std::string& message) const;
  [[noreturn]] void fail_unsupported(std::string_view key, const std::string& message) const;

 private:
  template <class Read>
  auto placed(Read read) const;
  const Json* json_;
  std::string file_;
  std::string path_{};  // "rope_scaling/" for an inner object
};

}  // namespace typecase
