#include "base/limits.h"
#include "checkpoint/config.h"
#include "checkpoint/folder.h"
#include "checkpoint/index.h"
#include "checkpoint/safetensors.h"

#include <typecase/error.h>

#include <algorithm>
#include <filesystem>
#include <unordered_map>

namespace typecase {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNamed = 10;

/// "'a', 'b' and 7 more"
std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i) {
    out += (i == 0 ? "" : ", ") + quote(names[i]);
  }
  if (names.size() > kMostNamed) {
    out += " and " + std::to_string(names.size() - kMostNamed) + " more";
  }
  return out;
}

/// Whether the folder has an entry of that name, be it a broken link: opening it then says what is
/// wrong with it.
bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() != fs::file_type::not_found;
}

/// Appends the tensors of one file.
void add_file(Checkpoint::Parts& parts, const std::string& path) {
  const MappedFile& file = parts.map(path);
  try {
    refuse_lfs_pointer(file.bytes());
    for (SafetensorsEntry& e : parse_safetensors(file.bytes())) {
      if (e.dtype == DType::float8_e4m3 || e.dtype == DType::float8_e5m2) {
        throw Error(Code::unsupported,
                    "fp8 weights cannot be run yet; use a checkpoint in BF16, F16 or F32, or a "
                    "GGUF file of this model",
                    {.file = {}, .offset = e.begin, .line = {}, .key = "tensor " + quote(e.name)});
      }
      const auto bytes = file.bytes().subspan(e.begin, e.end - e.begin);
      parts.tensors.push_back({.name = std::move(e.name),
                               .dtype = e.dtype,
                               .shape = std::move(e.shape),
                               .bytes = bytes,
                               .file = &file});
    }
  } catch (const Error& e) {
    throw e.at({.file = path});
  }
}

/// The files hold what the index says, each tensor once.
void check_against_index(const ShardIndex& index, const std::vector<std::size_t>& shard_of,
                         Checkpoint::Parts& parts, const std::string& index_path) {
  std::unordered_map<std::string_view, std::size_t> found;
  for (std::size_t i = 0; i < parts.tensors.size(); ++i) {
    const std::string& name = parts.tensors[i].name;
    const auto [it, is_new] = found.emplace(name, shard_of[i]);
    if (!is_new) {
      throw Error(Code::bad_file,
                  "is in two files, " + quote(index.files[it->second]) + " and " +
                      quote(index.files[shard_of[i]]),
                  {.file = index_path, .offset = {}, .line = {}, .key = "tensor " + quote(name)});
    }
  }
  std::vector<std::string> missing;
  for (const auto& [name, shard] : index.weight_map) {
    const auto it = found.find(name);
    if (it == found.end() || it->second != shard) missing.push_back(name);
  }
  if (!missing.empty()) {
    throw Error(Code::bad_file,
                std::to_string(missing.size()) +
                    (missing.size() == 1 ? " tensor is" : " tensors are") +
                    " not in the file that weight_map names: " + listed(missing) +
                    "; was the download complete?",
                {.file = index_path});
  }
  std::uint64_t size = 0;
  for (const Tensor& t : parts.tensors) size += t.bytes.size();
  if (index.total_size && static_cast<std::uint64_t>(*index.total_size) != size) {
    parts.warnings.push_back(index_path + ": total_size is " + std::to_string(*index.total_size) +
                             ", the tensors have " + std::to_string(size) + " bytes");
  }
}

void load_shards(Checkpoint::Parts& parts, const fs::path& folder, const fs::path& index_path) {
  const std::string text = read_file(index_path.string(), limits::kIndexFile);
  ShardIndex index;
  try {
    index = parse_shard_index(text);
  } catch (const Error& e) {
    throw e.at({.file = index_path.string()});
  }
  std::vector<std::string> missing;
  for (const std::string& name : index.files) {
    if (!is_there(folder / name)) missing.push_back(name);
  }
  if (!missing.empty()) {
    throw Error(Code::bad_file,
                std::to_string(missing.size()) + " of " + std::to_string(index.files.size()) +
                    " files are missing: " + listed(missing) + "; was the download complete?",
                {.file = index_path.string()});
  }
  std::vector<std::size_t> shard_of;
  for (std::size_t i = 0; i < index.files.size(); ++i) {
    add_file(parts, (folder / index.files[i]).string());
    shard_of.resize(parts.tensors.size(), i);
  }
  check_against_index(index, shard_of, parts, index_path.string());
}

}  // namespace

void load_folder(Checkpoint::Parts& parts) {
  const fs::path folder(parts.path);
  const fs::path config = folder / "config.json", generation = folder / "generation_config.json";
  if (!is_there(config)) fail_without_weights(parts.path);
  parts.config = read_json_object(config.string(), limits::kConfigFile);
  try {
    refuse_quantised(parts.config);
  } catch (const Error& e) {
    throw e.at({.file = config.string()});
  }
  if (is_there(generation)) {
    parts.generation_config = read_json_object(generation.string(), limits::kConfigFile);
  }
  // The reference prefers the single file.
  const fs::path single = folder / "model.safetensors";
  const fs::path index = folder / "model.safetensors.index.json";
  if (is_there(single)) {
    add_file(parts, single.string());
  } else if (is_there(index)) {
    load_shards(parts, folder, index);
  } else {
    fail_without_weights(parts.path);
  }
}

}  // namespace typecase
