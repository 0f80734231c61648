#include "hub/listing.h"

#include "base/utf8.h"
#include "hub/names.h"

#include <typecase/error.h>
#include <typecase/json.h>

#include <set>

namespace typecase::hub {
namespace {

constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 48;
constexpr std::size_t kMostShards = 10'000;

std::uint64_t size_at(const Json& object, std::string_view key) {
  const std::int64_t size = object.at(key).as_integer();
  if (size < 0 || static_cast<std::uint64_t>(size) > kLargestFile) {
    throw Error(Code::bad_file,
                "the hub's listing gives a size of " + std::to_string(size) + " bytes");
  }
  return static_cast<std::uint64_t>(size);
}

std::string hash_at(const Json& object, std::string_view key, std::size_t digits) {
  const std::string& text = object.at(key).as_string();
  if (!is_hex(text, digits)) {
    throw Error(Code::bad_file, "the hub's listing: " + std::string(key) + ": expected " +
                                    std::to_string(digits) + " hex digits, found " + quote(text));
  }
  return text;
}

std::string xet_at(const Json& object, std::string_view key) {
  const Json* xet = object.find(key);
  return xet != nullptr && xet->is_string() && is_hex(xet->as_string(), 64) ? xet->as_string() : "";
}

// Python's json escapes all that is not ASCII.
void append_ascii_json(std::string& out, std::string_view text) {
  std::string json;
  append_json_string(json, text);
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto unit = [&](std::uint32_t u) {
    out += "\\u";
    for (const int shift : {12, 8, 4, 0}) out += kDigits[(u >> shift) & 15];
  };
  for (std::size_t i = 0; i < json.size();) {
    if (static_cast<unsigned char>(json[i]) < 0x80) {
      out += json[i++];
      continue;
    }
    const auto decoded = decode_utf8(json, i);
    const auto c = static_cast<std::uint32_t>(decoded.code_point);
    i += decoded.size;
    if (c < 0x10000) {
      unit(c);
    } else {
      unit(0xd800 + ((c - 0x10000) >> 10));
      unit(0xdc00 + ((c - 0x10000) & 0x3ff));
    }
  }
}

}  // namespace

std::string parse_commit(std::string_view json) {
  try {
    return hash_at(Json::parse(json), "sha", 40);
  } catch (const Error& error) {
    throw Error(Code::network,
                std::string("the answer is not a hub's (") + error.message() +
                    "); is a proxy or a log-in page in the way, or HF_ENDPOINT no mirror of the "
                    "hub?");
  }
}

std::vector<RepoFile> parse_tree_page(std::string_view json) {
  std::vector<RepoFile> out;
  const Json page = Json::parse(json);
  for (const Json& entry : page.as_array()) {
    if (entry.at("type").as_string() != "file") continue;
    RepoFile file{.path = entry.at("path").as_string(),
                  .size = size_at(entry, "size"),
                  .git_oid = hash_at(entry, "oid", 40),
                  .sha256 = {},
                  .xet_hash = xet_at(entry, "xetHash")};
    if (const Json* lfs = entry.find("lfs"); lfs != nullptr && !lfs->is_null()) {
      file.sha256 = hash_at(*lfs, "oid", 64);
      file.lfs_size = size_at(*lfs, "size");
      file.size = file.lfs_size;
    }
    out.push_back(std::move(file));
  }
  return out;
}

std::string tree_document(const std::vector<RepoFile>& files) {
  std::map<std::string_view, const RepoFile*> sorted;
  for (const RepoFile& file : files) sorted.emplace(file.path, &file);
  std::string out = "{\n \"format_version\": 1,\n \"files\": {";
  bool first = true;
  for (const auto& [path, file] : sorted) {
    out += first ? "\n  " : ",\n  ";
    first = false;
    append_ascii_json(out, path);
    out += ": {\n   \"size\": " + std::to_string(file->size) + ",\n   \"blob_id\": \"" +
           file->git_oid + "\"";
    if (!file->sha256.empty()) {
      out += ",\n   \"lfs_sha256\": \"" + file->sha256 +
             "\",\n   \"lfs_size\": " + std::to_string(file->lfs_size);
    }
    if (!file->xet_hash.empty()) out += ",\n   \"xet_hash\": \"" + file->xet_hash + "\"";
    out += "\n  }";
  }
  return out + (files.empty() ? "}\n}" : "\n }\n}");
}

std::vector<RepoFile> parse_tree_document(std::string_view json) {
  const Json document = Json::parse(json);
  if (document.at("format_version").as_integer() != 1) {
    throw Error(Code::bad_file, "format_version: expected 1");
  }
  std::vector<RepoFile> out;
  for (const auto& [path, entry] : document.at("files").as_object()) {
    RepoFile file{.path = path,
                  .size = size_at(entry, "size"),
                  .git_oid = hash_at(entry, "blob_id", 40),
                  .sha256 = {},
                  .xet_hash = xet_at(entry, "xet_hash")};
    if (const Json* sha = entry.find("lfs_sha256"); sha != nullptr && !sha->is_null()) {
      file.sha256 = hash_at(entry, "lfs_sha256", 64);
      file.lfs_size = size_at(entry, "lfs_size");
      file.size = file.lfs_size;
    }
    out.push_back(std::move(file));
  }
  return out;
}

std::vector<std::string> shards_of_index(std::string_view json) {
  std::set<std::string> shards;
  const Json index = Json::parse(json);
  for (const auto& [tensor, shard] : index.at("weight_map").as_object()) {
    shards.insert(shard.as_string());
    if (shards.size() > kMostShards) {
      throw Error(Code::limit, "model.safetensors.index.json names more than 10,000 files");
    }
  }
  return {shards.begin(), shards.end()};
}

}  // namespace typecase::hub
