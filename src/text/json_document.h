#pragma once

#include <typecase/json.h>

#include <simdjson.h>

#include <string>
#include <string_view>

namespace typecase {

/// A large JSON text, parsed without a tree of our own: for tokenizer.json, whose vocabulary and
/// merges hold hundreds of thousands of strings.
///
/// Errors are found by simdjson and described by Json::parse, which knows lines and columns.
class JsonDocument {
 public:
  /// Throws Error(bad_file) with line and offset; Error(limit) for depth.
  explicit JsonDocument(std::string_view text);
  const simdjson::dom::element& root() const noexcept { return root_; }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

/// A (small) part of the document as Json. Throws Error(bad_file) for a key given twice in one
/// object, naming `pointer`.
Json to_json(const simdjson::dom::element& value, const std::string& pointer);

/// The part of type T, or Error(bad_file) "expected KIND, found …" whose place is `pointer`.
[[noreturn]] void wrong_kind(const simdjson::dom::element& value, std::string_view expected,
                             const std::string& pointer);

}  // namespace typecase
