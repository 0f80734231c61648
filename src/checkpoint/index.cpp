#include "checkpoint/index.h"

#include "base/limits.h"
#include "checkpoint/config.h"

#include <typecase/error.h>

#include <unordered_map>

namespace typecase {
namespace {

constexpr std::size_t kLongestFileName = 255;

[[noreturn]] void fail(std::string_view key, std::string message, Code code = Code::bad_file) {
  throw Error(code, std::move(message), {.file = {}, .offset = {}, .line = {}, .key = quote(key)});
}

const Json& weight_map_of(const Json& index) {
  const Json* map = index.find("weight_map");
  if (map == nullptr) fail("weight_map", "the key is missing");
  if (!map->is_object())
    fail("weight_map", "expected an object, found " + std::string(map->kind()));
  if (map->size() > limits::kTensors) {
    fail("weight_map",
         "has " + std::to_string(map->size()) + " tensors, the limit is " +
             std::to_string(limits::kTensors),
         Code::limit);
  }
  return *map;
}

std::optional<std::int64_t> total_size_of(const Json& index) {
  const Json* metadata = index.find("metadata");
  const Json* size = metadata == nullptr ? nullptr : metadata->find("total_size");
  if (size == nullptr) return std::nullopt;
  // Some writers print it as a float.
  if (size->is_float()) return static_cast<std::int64_t>(size->as_number());
  return size->is_integer() ? std::optional(size->as_integer()) : std::nullopt;
}

void check_entry(const std::string& tensor, const Json& file) {
  const std::string key = "weight_map." + tensor;
  if (tensor.empty()) fail("weight_map", "a tensor name is empty");
  if (tensor.size() > limits::kName) {
    fail("weight_map",
         "the tensor name " + quote(tensor) + " is longer than " + std::to_string(limits::kName) +
             " bytes",
         Code::limit);
  }
  if (!file.is_string()) fail(key, "expected a file name, found " + std::string(file.kind()));
  if (!is_plain_file_name(file.as_string())) {
    fail(key,
         "expected the plain name of a file in the same folder, found " + quote(file.as_string()));
  }
  if (!file.as_string().ends_with(".safetensors")) {
    fail(key, "expected a file name that ends in .safetensors, found " + quote(file.as_string()));
  }
}

}  // namespace

bool is_plain_file_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > kLongestFileName || name == "." || name == "..") return false;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/' || c == '\\' || c == ':') {
      return false;
    }
  }
  return true;
}

ShardIndex parse_shard_index(std::string_view text) {
  const Json index = parse_json_object(text);
  ShardIndex out;
  out.total_size = total_size_of(index);
  std::unordered_map<std::string, std::size_t> known;
  for (const auto& [tensor, file] : weight_map_of(index).as_object()) {
    check_entry(tensor, file);
    const auto [it, is_new] = known.emplace(file.as_string(), out.files.size());
    if (is_new) {
      if (out.files.size() == limits::kShards) {
        fail("weight_map", "names more than " + std::to_string(limits::kShards) + " files",
             Code::limit);
      }
      out.files.push_back(file.as_string());
    }
    out.weight_map.emplace_back(tensor, it->second);
  }
  if (out.weight_map.empty()) fail("weight_map", "is empty");
  return out;
}

}  // namespace typecase
