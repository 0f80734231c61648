#include "text/json_document.h"

#include <typecase/error.h>

#include <unordered_set>

namespace typecase {
namespace {

constexpr std::size_t kDepth = 64;

std::string_view kind_of(const simdjson::dom::element& value) {
  using simdjson::dom::element_type;
  switch (value.type()) {
    case element_type::ARRAY:
      return "array";
    case element_type::OBJECT:
      return "object";
    case element_type::INT64:
    case element_type::UINT64:
      return "integer";
    case element_type::DOUBLE:
      return "number";
    case element_type::STRING:
      return "string";
    case element_type::BOOL:
      return "boolean";
    case element_type::NULL_VALUE:
      return "null";
  }
  return "something else";
}

Json object_of(const simdjson::dom::object& object, const std::string& pointer) {
  Json::Object out;
  std::unordered_set<std::string_view> keys;
  for (const auto& [key, value] : object) {
    if (!keys.insert(key).second) {
      throw Error(Code::bad_file, "the key " + quote(key) + " is given twice",
                  {.file = {}, .offset = {}, .line = {}, .key = pointer});
    }
    out.emplace_back(std::string(key), to_json(value, pointer + "/" + std::string(key)));
  }
  return out;
}

}  // namespace

JsonDocument::JsonDocument(std::string_view text) {
  if (parser_.allocate(text.size(), kDepth) == simdjson::SUCCESS &&
      parser_.parse(text.data(), text.size(), true).get(root_) == simdjson::SUCCESS) {
    return;
  }
  if (text.starts_with("\xEF\xBB\xBF")) {
    throw Error(Code::bad_file, "the file starts with a byte order mark; save it as plain UTF-8",
                {.file = {}, .offset = 0, .line = {}, .key = {}});
  }
  Json::parse(text, {.depth = kDepth, .duplicate_keys = true});
  throw Error(Code::bad_file, "the text is not valid JSON");
}

void wrong_kind(const simdjson::dom::element& value, std::string_view expected,
                const std::string& pointer) {
  throw Error(Code::bad_file,
              "expected " + std::string(expected) + ", found " + std::string(kind_of(value)),
              {.file = {}, .offset = {}, .line = {}, .key = pointer});
}

Json to_json(const simdjson::dom::element& value, const std::string& pointer) {
  using simdjson::dom::element_type;
  switch (value.type()) {
    case element_type::ARRAY: {
      Json::Array out;
      for (const auto& element : simdjson::dom::array(value)) {
        out.push_back(to_json(element, pointer + "/" + std::to_string(out.size())));
      }
      return out;
    }
    case element_type::OBJECT:
      return object_of(value, pointer);
    case element_type::INT64:
      return Json(std::int64_t(value));
    case element_type::UINT64:
      return Json(double(std::uint64_t(value)));
    case element_type::DOUBLE:
      return Json(double(value));
    case element_type::STRING:
      return Json(std::string(std::string_view(value)));
    case element_type::BOOL:
      return Json(bool(value));
    case element_type::NULL_VALUE:
      break;
  }
  return {};
}

}  // namespace typecase
