#include "text/config_value.h"

#include "base/utf8.h"

namespace typecase {

Error ConfigValue::error(Code code, const std::string& message) const {
  return Error(code, message, {.file = {}, .offset = {}, .line = {}, .key = pointer_});
}

void ConfigValue::wrong_kind(std::string_view expected) const {
  throw error(Code::bad_file,
              "expected " + std::string(expected) + ", found " + std::string(value_->kind()));
}

void ConfigValue::require_object() const {
  if (!value_->is_object()) wrong_kind("object");
}

ConfigValue ConfigValue::at(std::string_view key) const {
  require_object();
  const Json* member = value_->find(key);
  if (member == nullptr) throw error(Code::bad_file, "the key " + quote(key) + " is missing");
  return {*member, pointer_ + "/" + std::string(key)};
}

bool ConfigValue::has(std::string_view key) const noexcept {
  const Json* member = value_->find(key);
  return member != nullptr && !member->is_null();
}

std::vector<ConfigValue> ConfigValue::elements() const {
  if (!value_->is_array()) wrong_kind("array");
  std::vector<ConfigValue> out;
  std::size_t i = 0;
  for (const Json& element : value_->as_array()) {
    out.emplace_back(element, pointer_ + "/" + std::to_string(i++));
  }
  return out;
}

bool ConfigValue::flag() const {
  if (!value_->is_bool()) wrong_kind("boolean");
  return value_->as_bool();
}
std::int64_t ConfigValue::integer() const {
  if (!value_->is_integer()) wrong_kind("integer");
  return value_->as_integer();
}
double ConfigValue::number() const {
  if (!value_->is_number()) wrong_kind("number");
  return value_->as_number();
}
const std::string& ConfigValue::text() const {
  if (!value_->is_string()) wrong_kind("string");
  return value_->as_string();
}

char32_t ConfigValue::character() const {
  const std::string& value = text();
  if (count_code_points(value) != 1) {
    throw error(Code::bad_file, "expected one character, found " + quote(value));
  }
  return decode_utf8(value, 0).code_point;
}

bool ConfigValue::flag_or(std::string_view key, bool otherwise) const {
  return has(key) ? at(key).flag() : otherwise;
}
std::string ConfigValue::text_or(std::string_view key, std::string_view otherwise) const {
  return has(key) ? at(key).text() : std::string(otherwise);
}

}  // namespace typecase
