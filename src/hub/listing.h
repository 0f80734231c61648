#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace typecase::hub {

/// A file of a repository as the hub lists it.
struct RepoFile {
  std::string path;
  std::uint64_t size = 0;
  std::string git_oid;  ///< 40 hex digits: git's hash of the blob (of the pointer, for LFS)
  std::string sha256;   ///< 64 hex digits for a file in LFS, else ""
  std::uint64_t lfs_size = 0;
  std::string xet_hash;  ///< 64 hex digits or ""

  /// What its content hashes to, and its name under blobs/.
  const std::string& digest() const noexcept { return sha256.empty() ? git_oid : sha256; }
};

/// GET /api/models/REPO/revision/REV: the commit. Throws Error(network) for anything else: a
/// mirror, a log-in page.
std::string parse_commit(std::string_view json);

/// One page of GET /api/models/REPO/tree/COMMIT?recursive=true; folders are left out.
/// Throws Error(bad_file), Error(limit).
std::vector<RepoFile> parse_tree_page(std::string_view json);

/// trees/COMMIT.json of the cache, byte for byte as huggingface_hub writes it.
std::string tree_document(const std::vector<RepoFile>& files);
/// Reads it back. Throws Error(bad_file).
std::vector<RepoFile> parse_tree_document(std::string_view json);

/// The files that model.safetensors.index.json names. Throws Error(bad_file).
std::vector<std::string> shards_of_index(std::string_view json);

}  // namespace typecase::hub
