#include "base/byte_reader.h"
#include "checkpoint/gguf.h"
#include "checkpoint/gguf_types.h"

#include <typecase/error.h>

#include <cstring>

namespace typecase {
namespace {

template <class T>
T load(const GgufValue& value, std::uint64_t i) noexcept {
  T out;
  std::memcpy(&out, value.bytes.data() + i * sizeof(T), sizeof(T));
  return out;
}

[[noreturn]] void fail(std::string_view key, std::string message, const GgufValue& value,
                       Code code = Code::bad_file) {
  throw Error(code, std::move(message),
              {.file = {}, .offset = value.offset, .line = {}, .key = quote(key)});
}

std::string described(const GgufValue& value) {
  if (value.type != GgufType::array) return std::string(name(value.type));
  return "array of " + std::string(name(value.element));
}

[[noreturn]] void wrong_type(std::string_view key, std::string_view expected,
                             const GgufValue& value) {
  fail(key, "has type " + described(value) + ", expected " + std::string(expected), value);
}

void want_array(std::string_view key, const GgufValue& value, GgufType element) {
  if (value.type == GgufType::array && value.element == element) return;
  wrong_type(key, "array of " + std::string(name(element)), value);
}

template <class T>
std::vector<T> numbers(const GgufValue& value) {
  std::vector<T> out(value.count);
  if (value.count > 0) std::memcpy(out.data(), value.bytes.data(), value.count * sizeof(T));
  return out;
}

}  // namespace

std::int64_t integer_at(const GgufValue& value, std::uint64_t i) noexcept {
  switch (value.element) {
    case GgufType::boolean:
    case GgufType::uint8:
      return load<std::uint8_t>(value, i);
    case GgufType::int8:
      return load<std::int8_t>(value, i);
    case GgufType::uint16:
      return load<std::uint16_t>(value, i);
    case GgufType::int16:
      return load<std::int16_t>(value, i);
    case GgufType::uint32:
      return load<std::uint32_t>(value, i);
    case GgufType::int32:
      return load<std::int32_t>(value, i);
    case GgufType::uint64:
      return static_cast<std::int64_t>(load<std::uint64_t>(value, i));
    default:
      return load<std::int64_t>(value, i);
  }
}

double number_at(const GgufValue& value, std::uint64_t i) noexcept {
  if (value.element == GgufType::float32) return double{load<float>(value, i)};
  if (value.element == GgufType::float64) return load<double>(value, i);
  return static_cast<double>(integer_at(value, i));
}

std::optional<std::int64_t> Gguf::integer(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!is_integer(value->type)) wrong_type(key, "an integer", *value);
  const std::int64_t out = integer_at(*value, 0);
  if (value->type == GgufType::uint64 && out < 0) fail(key, "does not fit 63 bits", *value);
  return out;
}

std::optional<bool> Gguf::boolean(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->type != GgufType::boolean) wrong_type(key, "bool", *value);
  return integer_at(*value, 0) != 0;
}

std::optional<std::string> Gguf::string(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->type != GgufType::string) wrong_type(key, "string", *value);
  ByteReader reader(value->bytes);
  return std::string(reader.text(reader.read<std::uint64_t>(key), key));
}

std::vector<std::string> Gguf::strings(std::string_view key, std::uint64_t most) const {
  std::vector<std::string> out;
  const GgufValue* value = find(key);
  if (value == nullptr) return out;
  want_array(key, *value, GgufType::string);
  out.reserve(value->count);
  ByteReader reader(value->bytes);
  for (std::uint64_t i = 0; i < value->count; ++i) {
    const auto length = reader.read<std::uint64_t>(key);
    if (length > most) {
      fail(key,
           "element " + std::to_string(i) + " has " + std::to_string(length) +
               " bytes, the limit is " + std::to_string(most),
           *value, Code::limit);
    }
    out.emplace_back(reader.text(length, key));
  }
  return out;
}

std::vector<std::int32_t> Gguf::int32s(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return {};
  want_array(key, *value, GgufType::int32);
  return numbers<std::int32_t>(*value);
}

std::vector<float> Gguf::float32s(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return {};
  want_array(key, *value, GgufType::float32);
  return numbers<float>(*value);
}

}  // namespace typecase
