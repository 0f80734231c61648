#pragma once

#include "hub/folder.h"
#include "hub/listing.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace typecase::hub {

/// A lock that processes respect, huggingface_hub's too: flock on .locks/MODEL/DIGEST.lock. It
/// saves double work; what is right does not depend on it.
class Lock {
 public:
  /// nullopt while another process (or another Lock) has it.
  static std::optional<Lock> try_take(const Folder& locks, const std::string& name);

 private:
  explicit Lock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

/// One repository in the cache, laid out as huggingface_hub does:
///
///     models--org--name/blobs/DIGEST                    contents, named by their hash
///                      /snapshots/COMMIT/PATH           → ../../blobs/DIGEST
///                      /refs/REVISION                   COMMIT
///                      /trees/COMMIT.json               the hub's listing
///                      /.no_exist/COMMIT/PATH           empty: known to be absent
///     .locks/models--org--name/DIGEST.lock
///
/// Reading needs no right to write; what is there already is not written again.
class RepoCache {
 public:
  /// nullopt when the cache has no such repository.
  static std::optional<RepoCache> find(const std::string& repo);
  static RepoCache create(const std::string& repo);

  const Folder& root() const noexcept { return root_; }      ///< of the whole cache
  const Folder& folder() const noexcept { return folder_; }  ///< models--org--name
  std::string snapshot_path(std::string_view commit) const;

  /// The commit that a revision means; a commit means itself.
  std::optional<std::string> commit_of(const std::string& revision) const;
  /// The stored listing; nullopt when there is none that can be read.
  std::optional<std::vector<RepoFile>> tree(const std::string& commit) const;
  bool has(const std::string& commit, const RepoFile& file) const;
  bool has_blob(const RepoFile& file) const;

  void write_ref(const std::string& revision, const std::string& commit) const;
  void write_tree(const std::string& commit, const std::vector<RepoFile>& files) const;
  void write_absent(const std::string& commit, const std::string& path) const;
  /// Makes the blob visible as the snapshot's `path`.
  void show(const std::string& commit, const RepoFile& file, bool links) const;
  Folder blobs() const { return folder_.make("blobs"); }
  Folder locks() const { return root_.make(".locks").make(name_); }

 private:
  RepoCache(Folder root, Folder folder, std::string name)
      : root_(std::move(root)), folder_(std::move(folder)), name_(std::move(name)) {}

  Folder root_;
  Folder folder_;
  std::string name_;
};

/// What model.safetensors.index.json names; nullopt where there is none.
std::optional<std::vector<std::string>> shards_in(const Folder& snapshot);

}  // namespace typecase::hub
