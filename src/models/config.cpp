#include "models/config.h"

#include "checkpoint/config.h"

#include <typecase/error.h>

namespace typecase {
namespace {

constexpr std::int64_t kMostCount = std::numeric_limits<std::int32_t>::max();
constexpr double kLeastPositive = std::numeric_limits<double>::min();

}  // namespace

const Json* Config::find(std::string_view key) const noexcept { return config::find(*json_, key); }
bool Config::has(std::string_view key) const noexcept { return find(key) != nullptr; }

template <class Read>
auto Config::placed(Read read) const {
  try {
    return read();
  } catch (const Error& e) {
    throw Error(e.code(), e.message(), {.file = file_, .key = path_ + e.place().key});
  }
}

void Config::fail(std::string_view key, const std::string& message) const {
  throw Error(Code::bad_file, message, {.file = file_, .key = path_ + quote(key)});
}
void Config::fail_unsupported(std::string_view key, const std::string& message) const {
  throw Error(Code::unsupported, message, {.file = file_, .key = path_ + quote(key)});
}

std::int64_t Config::count(std::string_view key) const {
  return placed([&] { return config::integer(*json_, key, 1, kMostCount); });
}
std::int64_t Config::count(std::string_view key, std::int64_t otherwise) const {
  return placed([&] { return config::integer_or(*json_, key, otherwise, 1, kMostCount); });
}
double Config::positive(std::string_view key) const {
  if (!has(key)) fail(key, "the key is missing");
  return positive(key, 0);
}
double Config::positive(std::string_view key, double otherwise) const {
  const double v = number(key, otherwise);
  if (has(key) && v < kLeastPositive)
    fail(key, "expected a number above 0, found " + find(key)->dump());
  return v;
}
double Config::number(std::string_view key, double otherwise) const {
  return placed([&] { return config::number_or(*json_, key, otherwise); });
}
bool Config::flag(std::string_view key, bool otherwise) const {
  return placed([&] { return config::boolean_or(*json_, key, otherwise); });
}
std::string Config::text(std::string_view key, std::string_view otherwise) const {
  return placed([&] { return config::string_or(*json_, key, otherwise); });
}

Config Config::object(std::string_view key) const {
  const Json* v = find(key);
  if (v == nullptr) fail(key, "the key is missing");
  if (!v->is_object()) fail(key, "expected an object, found " + std::string(v->kind()));
  Config inner(*v, file_);
  inner.path_ = path_ + quote(key) + "/";
  return inner;
}

}  // namespace typecase
