/// What is in the cache: find(), list(), verify(), remove(). No network.
#include "hub/cache.h"
#include "hub/choose.h"
#include "hub/environment.h"
#include "hub/names.h"
#include "hub/partial.h"

#include <typecase/error.h>
#include <typecase/hub.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace typecase::hub {
namespace {

using Kind = Folder::Entry::Kind;
using Shards = std::vector<std::string>;

// Every file and link below `folder`, with its path from there.
void each_file(const Folder& folder, const std::string& path,
               const std::function<void(const Folder&, const std::string& name,
                                        const std::string& path)>& visit) {
  for (const auto& entry : folder.entries()) {
    const std::string here = path.empty() ? entry.name : path + "/" + entry.name;
    if (entry.kind == Kind::folder) {
      if (const auto inner = folder.find(entry.name)) each_file(*inner, here, visit);
    } else {
      visit(folder, entry.name, here);
    }
  }
}

// By the listing: whatever the choice names is there.
bool complete_by_listing(const RepoCache& cache, const std::string& commit, const Name& name,
                         const std::vector<RepoFile>& tree, std::string& file) {
  Choice choice = choose_files(name, tree);
  const auto have = [&](const RepoFile& f) { return cache.has(commit, f); };
  if (!std::ranges::all_of(choice.files, have)) return false;
  if (choice.sharded) {
    const auto snapshot = cache.folder().find("snapshots/" + commit);
    const auto shards = files_named(shards_in(*snapshot).value_or(Shards{}), tree);
    check_files(shards);
    if (!std::ranges::all_of(shards, have)) return false;
  }
  file = file_of_model(name, choice.files);
  return true;
}

// Without one (an older huggingface_hub filled the cache): config and weights are there.
bool complete_by_looks(const RepoCache& cache, const std::string& commit, const Name& name,
                       std::string& file) {
  const auto snapshot = cache.folder().find("snapshots/" + commit);
  if (!snapshot) return false;
  std::set<std::string> paths;
  each_file(*snapshot, "", [&](const Folder& folder, const std::string& entry, const auto& path) {
    if (folder.info(entry)) paths.insert(path);
  });
  if (!name.file.empty()) {
    file = name.file;
    return paths.contains(name.file);
  }
  if (paths.contains("config.json") && paths.contains("model.safetensors")) return true;
  if (paths.contains("config.json") && paths.contains("model.safetensors.index.json")) {
    return std::ranges::all_of(shards_in(*snapshot).value_or(Shards{}),
                               [&](const auto& s) { return paths.contains(s); });
  }
  std::vector<std::string> ggufs;
  std::ranges::copy_if(paths, std::back_inserter(ggufs),
                       [](const auto& p) { return p.ends_with(".gguf"); });
  if (ggufs.size() != 1) return false;
  file = ggufs[0];
  return true;
}

// The path of a complete snapshot's model, or nullopt.
std::optional<std::string> complete(const RepoCache& cache, const std::string& commit,
                                    const Name& name, bool offline) {
  std::string file;
  try {
    const auto tree = cache.tree(commit);
    const bool there = (tree && complete_by_listing(cache, commit, name, *tree, file)) ||
                       ((!tree || offline) && complete_by_looks(cache, commit, name, file));
    if (!there) return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;  // pull() will say what is wrong with it
  }
  return cache.snapshot_path(commit) + (file.empty() ? "" : "/" + file);
}

std::vector<std::pair<std::string, std::string>> refs_of(const RepoCache& cache) {
  std::vector<std::pair<std::string, std::string>> out;  // name, commit
  const auto refs = cache.folder().find("refs");
  if (!refs) return out;
  each_file(*refs, "", [&](const Folder& folder, const std::string& entry, const auto& path) {
    const auto commit = folder.read(entry, 64);
    if (commit && is_commit(*commit)) out.emplace_back(path, *commit);
  });
  return out;
}

CachedModel describe(const RepoCache& cache, const std::string& repo, const std::string& commit) {
  CachedModel out{.repo = repo, .commit = commit, .path = cache.snapshot_path(commit)};
  for (const auto& [name, of] : refs_of(cache)) {
    if (of == commit) out.refs.push_back(name);
  }
  const auto snapshot = cache.folder().find("snapshots/" + commit);
  each_file(*snapshot, "", [&](const Folder& folder, const std::string& entry, const auto&) {
    const auto info = folder.info(entry);
    if (!info) return;
    out.bytes += info->size;
    out.files += 1;
    out.modified = std::max(out.modified, info->modified);
  });
  out.complete = complete(cache, commit, {.repo = repo, .revision = commit}, false).has_value();
  if (!out.complete && cache.tree(commit)) {  // one GGUF of many is complete too
    each_file(*snapshot, "", [&](const Folder& folder, const std::string& entry, const auto& path) {
      if (path.ends_with(".gguf") && folder.info(entry)) out.complete = true;
    });
  }
  return out;
}

RepoCache cache_of(const Name& name) {
  check_repo(name.repo);
  if (auto cache = RepoCache::find(name.repo)) return std::move(*cache);
  throw Error(Code::not_found, "the cache holds no model " + name.repo + "; typecase ls lists them",
              {.file = cache_folder()});
}

std::string commit_in(const RepoCache& cache, const Name& name) {
  const auto commit = cache.commit_of(name.revision);
  if (commit && cache.folder().find("snapshots/" + *commit)) return *commit;
  throw Error(Code::not_found,
              "the cache holds no revision " + quote(name.revision) + " of " + name.repo);
}

// Blobs that a snapshot other than `commit` shows.
std::set<std::string> used_elsewhere(const RepoCache& cache, const std::string& commit) {
  std::set<std::string> out;
  const auto snapshots = cache.folder().find("snapshots");
  if (!snapshots) return out;
  for (const auto& entry : snapshots->entries()) {
    const auto snapshot = entry.kind == Kind::folder && entry.name != commit
                              ? snapshots->find(entry.name)
                              : std::nullopt;
    if (!snapshot) continue;
    each_file(*snapshot, "", [&](const Folder& folder, const std::string& name, const auto&) {
      if (const auto target = folder.link_target(name)) out.emplace(split_path(*target).name);
    });
  }
  return out;
}

std::uint64_t remove_revision(const RepoCache& cache, const std::string& commit) {
  std::uint64_t freed = 0;
  const auto kept = used_elsewhere(cache, commit);
  std::set<std::string> ours;
  const auto snapshot = cache.folder().find("snapshots/" + commit);
  each_file(*snapshot, "", [&](const Folder& folder, const std::string& name, const auto&) {
    if (const auto target = folder.link_target(name)) ours.emplace(split_path(*target).name);
  });
  for (const auto& [name, of] : refs_of(cache)) {
    if (of != commit) continue;
    const auto split = split_path(name);
    cache.folder().find("refs")->find(split.folder)->remove_file(split.name);
  }
  freed += cache.folder().find("snapshots")->remove_all(commit);
  const Folder blobs = cache.blobs();
  for (const auto& blob : ours) {
    if (!kept.contains(blob)) freed += blobs.remove_all(blob);
  }
  for (const char* kind : {"trees", ".no_exist"}) {
    const auto folder = cache.folder().find(kind);
    if (folder) folder->remove_all(std::string_view(kind) == "trees" ? commit + ".json" : commit);
  }
  return freed;
}

// Holding every lock shows that nobody downloads.
std::vector<Lock> all_locks(const RepoCache& cache, const Name& name) {
  std::vector<Lock> out;
  const Folder locks = cache.locks();
  for (const auto& entry : locks.entries()) {
    if (!entry.name.ends_with(".lock")) continue;
    auto lock = Lock::try_take(locks, entry.name);
    if (!lock) throw Error(Code::failed, "another process is downloading " + name.repo);
    out.push_back(std::move(*lock));
  }
  return out;
}

}  // namespace

std::optional<std::string> find(const Name& name) {
  check_repo(name.repo);
  const auto cache = RepoCache::find(name.repo);
  const auto commit = cache ? cache->commit_of(name.revision) : std::nullopt;
  if (!commit) return std::nullopt;
  return complete(*cache, *commit, name, is_offline());
}

std::vector<CachedModel> list() {
  std::vector<CachedModel> out;
  const auto root = Folder::open(cache_folder());
  if (!root) return out;
  for (const auto& entry : root->entries()) {
    const std::string repo = repo_of_folder(entry.name);
    if (entry.kind != Kind::folder || repo.empty()) continue;
    const auto cache = RepoCache::find(repo);
    const auto snapshots = cache ? cache->folder().find("snapshots") : std::nullopt;
    if (!snapshots) continue;
    for (const auto& snapshot : snapshots->entries()) {
      if (snapshot.kind == Kind::folder && is_commit(snapshot.name)) {
        out.push_back(describe(*cache, repo, snapshot.name));
      }
    }
  }
  return out;
}

std::size_t verify(const Name& name) {
  const RepoCache cache = cache_of(name);
  const std::string commit = commit_in(cache, name);
  const auto tree = cache.tree(commit);
  std::size_t compared = 0;
  const auto snapshot = cache.folder().find("snapshots/" + commit);
  each_file(*snapshot, "", [&](const Folder& folder, const std::string& entry, const auto& path) {
    std::string expected;
    if (tree) {
      const auto it = std::ranges::find(*tree, path, &RepoFile::path);
      if (it != tree->end()) expected = it->digest();
    } else if (const auto target = folder.link_target(entry)) {
      expected = split_path(*target).name;
    }
    if (!is_hex(expected, 40) && !is_hex(expected, 64)) return;
    const auto found = hash_file(folder, entry, expected);
    if (found != expected) {
      throw Error(Code::mismatch,
                  "has the hash " + found + ", expected " + expected + "; 'typecase pull --force " +
                      name.text() + "' mends it",
                  {.file = folder.path_of(entry)});
    }
    compared += 1;
  });
  return compared;
}

std::uint64_t remove(const Name& name, bool only_revision) {
  const RepoCache cache = cache_of(name);
  const auto locks = all_locks(cache, name);
  if (only_revision) {
    const std::string commit = commit_in(cache, name);
    const std::uint64_t freed = remove_revision(cache, commit);
    if (!cache.folder().find("snapshots")->entries().empty()) return freed;
    return freed + cache.root().remove_all(repo_folder(name.repo));
  }
  const auto freed = cache.root().remove_all(repo_folder(name.repo));
  cache.root().make(".locks").remove_all(repo_folder(name.repo));
  return freed;
}

}  // namespace typecase::hub
