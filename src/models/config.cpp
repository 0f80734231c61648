#include "models/config.h"

#include <typecase/error.h>

#include <cmath>
#include <limits>

namespace typecase {

const Json* Config::find(std::string_view key) const noexcept {
  const Json* v = json_->find(key);
  return v == nullptr || v->is_null() ? nullptr : v;
}

bool Config::has(std::string_view key) const noexcept { return find(key) != nullptr; }

void Config::fail(std::string_view key, const std::string& message) const {
  throw Error(Code::bad_file, message, {.file = file_, .key = path_ + std::string(key)});
}
void Config::fail_unsupported(std::string_view key, const std::string& message) const {
  throw Error(Code::unsupported, message, {.file = file_, .key = path_ + std::string(key)});
}

std::int64_t Config::count(std::string_view key) const {
  const Json* v = find(key);
  if (v == nullptr) fail(key, "this key is missing; a positive integer is needed");
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  if (!v->is_integer() || v->as_integer() < 1 || v->as_integer() > kMost) {
    fail(key, "expected an integer from 1 to 2147483647, found " + v->dump().substr(0, 80));
  }
  return v->as_integer();
}
std::int64_t Config::count(std::string_view key, std::int64_t otherwise) const {
  return has(key) ? count(key) : otherwise;
}

double Config::positive(std::string_view key) const {
  const Json* v = find(key);
  if (v == nullptr) fail(key, "this key is missing; a positive number is needed");
  if (!v->is_number() || !(v->as_number() > 0) || std::isinf(v->as_number())) {
    fail(key, "expected a finite number above 0, found " + v->dump().substr(0, 80));
  }
  return v->as_number();
}
double Config::positive(std::string_view key, double otherwise) const {
  return has(key) ? positive(key) : otherwise;
}

double Config::number(std::string_view key, double otherwise) const {
  const Json* v = find(key);
  if (v == nullptr) return otherwise;
  if (!v->is_number() || !std::isfinite(v->as_number())) {
    fail(key, "expected a finite number, found " + v->dump().substr(0, 80));
  }
  return v->as_number();
}

bool Config::flag(std::string_view key, bool otherwise) const {
  const Json* v = find(key);
  if (v == nullptr) return otherwise;
  if (!v->is_bool()) fail(key, "expected true or false, found " + v->dump().substr(0, 80));
  return v->as_bool();
}

std::string Config::text(std::string_view key, std::string_view otherwise) const {
  const Json* v = find(key);
  if (v == nullptr) return std::string(otherwise);
  if (!v->is_string()) fail(key, "expected a string, found " + v->dump().substr(0, 80));
  return v->as_string();
}

Config Config::object(std::string_view key) const {
  const Json* v = find(key);
  if (v == nullptr) fail(key, "this key is missing; an object is needed");
  if (!v->is_object()) fail(key, "expected an object, found " + v->dump().substr(0, 80));
  Config inner(*v, file_);
  inner.path_ = path_ + std::string(key) + "/";
  return inner;
}

}  // namespace typecase
