#include "hub/cache.h"

#include "hub/names.h"

#include <typecase/error.h>
#include <typecase/hub.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace typecase::hub {
namespace {

constexpr std::size_t kLargestTree = 256 << 20;

// Backup programs leave out folders with this file; the text is the standard's and
// huggingface_hub's, so that whoever comes second finds it right.
constexpr std::string_view kCacheTag =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This file is a cache directory tag created by huggingface_hub.\n"
    "# For information about cache directory tags, see:\n"
    "#\thttps://bford.info/cachedir/\n";

// "../../blobs/DIGEST", with one more ".." for each folder in the path.
std::string link_text(const RepoFile& file) {
  std::string out = "../../blobs/" + file.digest();
  for (const char c : file.path) {
    if (c == '/') out.insert(0, "../");
  }
  return out;
}

Folder folder_of(const Folder& base, std::string_view path) {
  return base.make(split_path(path).folder);
}

}  // namespace

std::optional<Lock> Lock::try_take(const Folder& locks, const std::string& name) {
  for (int i = 0; i < 10; ++i) {
    const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
    Descriptor file(::openat(locks.fd(), name.c_str(), flags, 0664));
    if (file.get() < 0) locks.fail(name, "cannot be made", errno);
    (void)::fchmod(file.get(), 0664);  // people who share a cache wait for each other's locks
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return std::nullopt;
      return Lock(std::move(file));  // no locks on this file system: go on without
    }
    // Whoever removed the file while we waited made our lock one on nothing.
    struct stat ours{}, there{};
    if (::fstat(file.get(), &ours) == 0 &&
        ::fstatat(locks.fd(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
        ours.st_ino == there.st_ino) {
      return Lock(std::move(file));
    }
  }
  return std::nullopt;
}

std::optional<RepoCache> RepoCache::find(const std::string& repo) {
  auto root = Folder::open(cache_folder());
  if (!root) return std::nullopt;
  auto folder = root->find(repo_folder(repo));
  if (!folder) return std::nullopt;
  return RepoCache(std::move(*root), std::move(*folder), repo_folder(repo));
}

RepoCache RepoCache::create(const std::string& repo) {
  Folder root = Folder::create(cache_folder());
  Folder folder = root.make(repo_folder(repo));
  if (!root.info("CACHEDIR.TAG")) root.write("CACHEDIR.TAG", kCacheTag);
  return {std::move(root), std::move(folder), repo_folder(repo)};
}

std::string RepoCache::snapshot_path(std::string_view commit) const {
  return folder_.path() + "/snapshots/" + std::string(commit);
}

std::optional<std::string> RepoCache::commit_of(const std::string& revision) const {
  if (is_commit(revision)) return revision;
  const auto refs = folder_.find("refs");
  if (!refs) return std::nullopt;
  const auto split = split_path(revision);
  const auto within = refs->find(split.folder);
  const auto text = within ? within->read(split.name, 64) : std::nullopt;
  if (!text || !is_commit(*text)) return std::nullopt;
  return text;
}

std::optional<std::vector<RepoFile>> RepoCache::tree(const std::string& commit) const {
  const auto trees = folder_.find("trees");
  const auto text = trees ? trees->read(commit + ".json", kLargestTree) : std::nullopt;
  if (!text) return std::nullopt;
  try {
    return parse_tree_document(*text);
  } catch (const Error&) {
    return std::nullopt;  // of another version, or damaged: the hub is asked again
  }
}

bool RepoCache::has_blob(const RepoFile& file) const {
  const auto blobs = folder_.find("blobs");
  const auto info = blobs ? blobs->info(file.digest()) : std::nullopt;
  return info && info->size == file.size;
}

bool RepoCache::has(const std::string& commit, const RepoFile& file) const {
  const auto split = split_path(file.path);
  const auto snapshot = folder_.find("snapshots/" + commit);
  if (!snapshot) return false;
  const auto within = snapshot->find(split.folder);
  const auto info = within ? within->info(split.name) : std::nullopt;
  if (!info || info->size != file.size) return false;
  const auto target = within->link_target(split.name);
  return !target || split_path(*target).name == file.digest();
}

void RepoCache::write_ref(const std::string& revision, const std::string& commit) const {
  if (is_commit(revision) || commit_of(revision) == commit) return;
  folder_of(folder_.make("refs"), revision).write(split_path(revision).name, commit);
}

void RepoCache::write_tree(const std::string& commit, const std::vector<RepoFile>& files) const {
  folder_.make("trees").write(commit + ".json", tree_document(files));
}

void RepoCache::write_absent(const std::string& commit, const std::string& path) const {
  const Folder within = folder_of(folder_.make(".no_exist/" + commit), path);
  if (!within.info(split_path(path).name)) within.touch(split_path(path).name);
}

void RepoCache::show(const std::string& commit, const RepoFile& file, bool links) const {
  const Folder within = folder_of(folder_.make("snapshots/" + commit), file.path);
  const auto name = split_path(file.path).name;
  const std::string target = link_text(file);
  if (links && (within.link_target(name) == target || within.link(name, target))) return;
  blobs().rename(file.digest(), within, name);  // no links here: the file itself
}

std::optional<std::vector<std::string>> shards_in(const Folder& snapshot) {
  constexpr std::size_t kLargest = 64 << 20;
  const auto index = snapshot.read("model.safetensors.index.json", kLargest);
  if (!index) return std::nullopt;
  return shards_of_index(*index);
}

}  // namespace typecase::hub
