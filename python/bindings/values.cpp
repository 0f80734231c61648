#include "values.h"

#include <typecase/error.h>

#include <limits>

namespace typecase::python {
namespace {

constexpr int kDepth = 64;

Json json_at(nb::handle value, int depth);

Json array_at(nb::handle items, int depth) {
  Json::Array out;
  for (const nb::handle item : items) out.push_back(json_at(item, depth + 1));
  return out;
}

Json object_at(nb::handle value, int depth) {
  Json::Object out;
  for (const auto [key, item] : nb::borrow<nb::dict>(value)) {
    if (!nb::isinstance<nb::str>(key)) throw nb::type_error("keys of a dict must be strings here");
    out.emplace_back(nb::cast<std::string>(key), json_at(item, depth + 1));
  }
  return out;
}

Json integer_at(nb::handle value) {
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
  if (overflow != 0) {
    PyErr_SetString(PyExc_OverflowError, "an integer has more than 64 bits");
    throw nb::python_error();
  }
  if (number == -1 && PyErr_Occurred() != nullptr) throw nb::python_error();
  return std::int64_t{number};
}

Json json_at(nb::handle value, int depth) {
  if (depth > kDepth) throw Error(Code::limit, "a value is nested deeper than 64");
  if (value.is_none()) return nullptr;
  if (nb::isinstance<nb::bool_>(value)) return nb::cast<bool>(value);
  if (nb::isinstance<nb::int_>(value)) return integer_at(value);
  if (nb::isinstance<nb::float_>(value)) return nb::cast<double>(value);
  if (nb::isinstance<nb::str>(value)) return nb::cast<std::string>(value);
  if (nb::isinstance<nb::list>(value) || nb::isinstance<nb::tuple>(value)) {
    return array_at(value, depth);
  }
  if (nb::isinstance<nb::dict>(value)) return object_at(value, depth);
  const std::string type = nb::cast<std::string>(value.type().attr("__name__"));
  throw nb::type_error(("a value of type " + type + " cannot be used here").c_str());
}

}  // namespace

Json json_of(nb::handle value) { return json_at(value, 0); }

nb::object object_of(const Json& value) {
  if (value.is_null()) return nb::none();
  if (value.is_bool()) return nb::cast(value.as_bool());
  if (value.is_integer()) return nb::cast(value.as_integer());
  if (value.is_number()) return nb::cast(value.as_number());
  if (value.is_string()) return nb::cast(value.as_string());
  if (value.is_array()) {
    nb::list out;
    for (const Json& item : value.as_array()) out.append(object_of(item));
    return out;
  }
  nb::dict out;
  for (const auto& [key, item] : value.as_object()) out[nb::cast(key)] = object_of(item);
  return out;
}

Tokens tokens_of(nb::handle list) {
  Tokens out;
  for (const nb::handle item : list) {
    const std::int64_t id = integer_at(item).as_integer();
    if (id < 0 || id > std::numeric_limits<TokenId>::max()) {
      throw Error(Code::invalid_argument, std::to_string(id) + " is no token id");
    }
    out.push_back(static_cast<TokenId>(id));
  }
  return out;
}

std::vector<Tokens> rows_of(nb::handle list) {
  std::vector<Tokens> out;
  for (const nb::handle row : list) out.push_back(tokens_of(row));
  return out;
}

nb::list list_of(std::span<const TokenId> ids) {
  nb::list out;
  for (const TokenId id : ids) out.append(id);
  return out;
}

nb::list list_of(const std::vector<Tokens>& rows) {
  nb::list out;
  for (const Tokens& row : rows) out.append(list_of(std::span<const TokenId>(row)));
  return out;
}

nb::bytes bytes_of(std::span<const float> values) {
  return nb::bytes(values.data(), values.size_bytes());
}

nb::bytes bytes_of(const std::vector<std::vector<float>>& rows) {
  std::vector<float> all;
  for (const auto& row : rows) all.insert(all.end(), row.begin(), row.end());
  return bytes_of(std::span<const float>(all));
}

}  // namespace typecase::python
