#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace typecase {

/// model.safetensors.index.json: which file holds which tensor.
///
///     {"metadata": {"total_size": 123}, "weight_map": {"lm_head.weight":
///     "model-00001-of-00002.safetensors", …}}
struct ShardIndex {
  std::vector<std::string> files;                               ///< in the order of first mention
  std::vector<std::pair<std::string, std::size_t>> weight_map;  ///< tensor name → index into files
  std::optional<std::int64_t> total_size;  ///< bytes of all tensors, if it says so
};

/// File names are plain names: no folder, no "..", no drive, nothing that leaves the model's
/// folder. Throws Error: bad_file with line or key, limit.
ShardIndex parse_shard_index(std::string_view text);

/// Whether `name` names a file of the same folder on every system.
bool is_plain_file_name(std::string_view name) noexcept;

}  // namespace typecase
