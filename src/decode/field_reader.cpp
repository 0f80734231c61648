#include "decode/field_reader.h"

#include <typecase/error.h>

#include <cmath>
#include <limits>

namespace typecase {
namespace {

constexpr double kExact = 9007199254740992.0;  // 2⁵³: integers below are exact in a double

TokenId token_of(const FieldReader& reader, std::string_view name, const Json& value) {
  if (!is_python_int(value)) reader.refuse(name, "must be a token id or a list of token ids");
  const std::int64_t id = value.is_bool() ? std::int64_t{value.as_bool()} : value.as_integer();
  if (id < std::numeric_limits<TokenId>::min() || id > std::numeric_limits<TokenId>::max()) {
    reader.refuse(name, "holds a token id that no vocabulary has");
  }
  return static_cast<TokenId>(id);
}

}  // namespace

std::optional<double> as_python_number(const Json& value) {
  if (value.is_bool()) return value.as_bool() ? 1.0 : 0.0;
  if (value.is_number()) return value.as_number();
  return {};
}

bool is_python_int(const Json& value) { return value.is_integer() || value.is_bool(); }

void refuse_field(std::string_view name, std::string message) {
  throw Error(Code::invalid_argument, std::move(message),
              {.file = {}, .offset = {}, .line = {}, .key = std::string(name)});
}

void FieldReader::refuse(std::string_view name, std::string_view expected) const {
  const Json* found = fields_.find(name);
  refuse_field(name, std::string(expected) + ", found " +
                         quote(found == nullptr ? std::string("null") : found->dump()));
}

const Json* FieldReader::value(std::string_view name) const {
  const Json* found = fields_.find(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

bool FieldReader::truth(std::string_view name) const {
  const Json* v = value(name);
  if (v == nullptr) return false;
  if (const auto number = as_python_number(*v)) return *number != 0;
  return v->is_string() ? !v->as_string().empty() : v->size() > 0;
}

std::optional<double> FieldReader::number(std::string_view name) const {
  const Json* v = value(name);
  if (v == nullptr) return {};
  const auto out = as_python_number(*v);
  if (!out) refuse(name, "must be a number");
  return out;
}

std::optional<std::int64_t> FieldReader::integer(std::string_view name) const {
  const Json* v = value(name);
  if (v == nullptr) return {};
  if (v->is_integer()) return v->as_integer();
  const auto x = as_python_number(*v);
  if (!x || std::floor(*x) != *x || std::abs(*x) > kExact) refuse(name, "must be an integer");
  return static_cast<std::int64_t>(*x);
}

std::optional<std::size_t> FieldReader::size(std::string_view name) const {
  const auto out = integer(name);
  if (!out) return {};
  if (*out < 0) refuse(name, "must not be negative");
  return static_cast<std::size_t>(*out);
}

std::optional<std::string> FieldReader::text(std::string_view name) const {
  const Json* v = value(name);
  if (v == nullptr) return {};
  if (!v->is_string()) refuse(name, "must be a string");
  return v->as_string();
}

std::vector<std::string> FieldReader::texts(std::string_view name) const {
  const Json* v = value(name);
  if (v == nullptr) return {};
  if (v->is_string()) return {v->as_string()};
  if (!v->is_array()) refuse(name, "must be a string or a list of strings");
  std::vector<std::string> out;
  for (const Json& item : v->as_array()) {
    if (!item.is_string()) refuse(name, "must be a string or a list of strings");
    out.push_back(item.as_string());
  }
  return out;
}

Tokens FieldReader::tokens(std::string_view name) const {
  const Json* v = value(name);
  if (v == nullptr) return {};
  if (!v->is_array()) return {token_of(*this, name, *v)};
  Tokens out;
  for (const Json& item : v->as_array()) out.push_back(token_of(*this, name, item));
  return out;
}

}  // namespace typecase
