#include "checkpoint/config.h"

#include "base/mapped_file.h"

#include <typecase/error.h>

#include <charconv>
#include <cmath>

namespace typecase {
namespace config {
namespace {

[[noreturn]] void fail(std::string_view key, std::string message) {
  throw Error(Code::bad_file, std::move(message),
              {.file = {}, .offset = {}, .line = {}, .key = quote(key)});
}

const Json& required(const Json& object, std::string_view key) {
  const Json* value = object.find(key);
  if (value == nullptr) fail(key, "the key is missing");
  return *value;
}

std::string shown(const Json& value) {
  if (value.is_array() || value.is_object()) return std::string(value.kind());
  return quote(value.is_string() ? value.as_string() : value.dump());
}

[[noreturn]] void wrong(std::string_view key, std::string_view expected, const Json& found) {
  fail(key, "expected " + std::string(expected) + ", found " + shown(found));
}

std::string text(double v) {
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
  return std::string(buffer, end);
}

template <class T, class ToText>
std::string range(T least, T most, T any, T none, ToText to_text) {
  if (most == any && least == none) return "";
  if (most == any) return " of at least " + to_text(least);
  return " from " + to_text(least) + " to " + to_text(most);
}

std::int64_t checked_integer(std::string_view key, const Json& value, std::int64_t least,
                             std::int64_t most) {
  if (value.is_integer() && value.as_integer() >= least && value.as_integer() <= most) {
    return value.as_integer();
  }
  const auto in = range(least, most, kAnyInteger, std::numeric_limits<std::int64_t>::min(),
                        [](std::int64_t v) { return std::to_string(v); });
  wrong(key, "a whole number" + in, value);
}

double checked_number(std::string_view key, const Json& value, double least, double most) {
  if (value.is_number() && std::isfinite(value.as_number()) && value.as_number() >= least &&
      value.as_number() <= most) {
    return value.as_number();
  }
  wrong(key, "a number" + range(least, most, kAnyNumber, -kAnyNumber, text), value);
}

}  // namespace

const Json* find(const Json& object, std::string_view key) noexcept {
  const Json* value = object.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::int64_t integer(const Json& object, std::string_view key, std::int64_t least,
                     std::int64_t most) {
  return checked_integer(key, required(object, key), least, most);
}
std::int64_t integer_or(const Json& object, std::string_view key, std::int64_t otherwise,
                        std::int64_t least, std::int64_t most) {
  return optional_integer(object, key, least, most).value_or(otherwise);
}
std::optional<std::int64_t> optional_integer(const Json& object, std::string_view key,
                                             std::int64_t least, std::int64_t most) {
  const Json* value = find(object, key);
  if (value == nullptr) return std::nullopt;
  return checked_integer(key, *value, least, most);
}

double number(const Json& object, std::string_view key, double least, double most) {
  return checked_number(key, required(object, key), least, most);
}
double number_or(const Json& object, std::string_view key, double otherwise, double least,
                 double most) {
  return optional_number(object, key, least, most).value_or(otherwise);
}
std::optional<double> optional_number(const Json& object, std::string_view key, double least,
                                      double most) {
  const Json* value = find(object, key);
  if (value == nullptr) return std::nullopt;
  return checked_number(key, *value, least, most);
}

bool boolean(const Json& object, std::string_view key) {
  const Json& value = required(object, key);
  if (!value.is_bool()) wrong(key, "true or false", value);
  return value.as_bool();
}
bool boolean_or(const Json& object, std::string_view key, bool otherwise) {
  return find(object, key) == nullptr ? otherwise : boolean(object, key);
}

std::string string(const Json& object, std::string_view key) {
  const Json& value = required(object, key);
  if (!value.is_string()) wrong(key, "a string", value);
  return value.as_string();
}
std::string string_or(const Json& object, std::string_view key, std::string_view otherwise) {
  return find(object, key) == nullptr ? std::string(otherwise) : string(object, key);
}
std::string one_of(const Json& object, std::string_view key,
                   std::initializer_list<std::string_view> choices) {
  const Json& value = required(object, key);
  std::string expected = "one of";
  for (const std::string_view choice : choices) {
    if (value.is_string() && value.as_string() == choice) return std::string(choice);
    expected += (expected == "one of" ? " " : ", ") + std::string(choice);
  }
  wrong(key, expected, value);
}

}  // namespace config

Json parse_json_object(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) {
    throw Error(Code::bad_file, "starts with a byte-order mark; save it as plain UTF-8",
                {.file = {}, .offset = 0, .line = 1});
  }
  Json out = Json::parse(text);
  if (!out.is_object()) {
    throw Error(Code::bad_file, "expected a JSON object, found " + std::string(out.kind()));
  }
  return out;
}

Json read_json_object(const std::string& path, std::uint64_t most) {
  const std::string text = read_file(path, most);
  try {
    return parse_json_object(text);
  } catch (const Error& e) {
    throw e.at({.file = path});
  }
}

}  // namespace typecase
