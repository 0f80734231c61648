/// pull(): revision → commit → listing → choice → blobs → snapshot → ref.
#include "hub/cache.h"
#include "hub/choose.h"
#include "hub/client.h"
#include "hub/download.h"
#include "hub/names.h"

#include <typecase/error.h>
#include <typecase/hub.h>

#include <sys/statvfs.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <set>
#include <utility>

namespace typecase::hub {
namespace {

constexpr std::size_t kLargestAnswer = 64 << 20;  // bytes of one JSON answer
constexpr std::size_t kMostFiles = 200'000;

/// One pull: what its steps share.
class Pull {
 public:
  Pull(const Name& name, const PullOptions& options, Settings settings)
      : name_(name),
        options_(options),
        settings_(std::move(settings)),
        client_(settings_, name.repo, never_),
        cache_(RepoCache::create(name.repo)) {}

  Pulled run();

 private:
  std::string find_commit();
  std::vector<RepoFile> find_listing();
  void fetch(const std::vector<RepoFile>& files);
  void check_space(const std::vector<RepoFile>& missing) const;
  std::vector<RepoFile> shards(const std::vector<RepoFile>& listing) const;
  Url address(const RepoFile& file) const;
  void say(const std::string& text) const {
    if (options_.on_message) options_.on_message(text);
  }

  const Name& name_;
  const PullOptions& options_;
  Settings settings_;
  std::atomic<bool> never_{false};
  Client client_;
  RepoCache cache_;
  Pulled out_{};
};

std::string Pull::find_commit() {
  if (is_commit(name_.revision)) return name_.revision;
  const Url url = client_.at("/api/models/" + name_.repo + "/revision/" +
                             percent_encoded(name_.revision, false));
  const auto answer = client_.get(url, kLargestAnswer, [this](const auto& text) { say(text); });
  return parse_commit(answer.text);
}

std::vector<RepoFile> Pull::find_listing() {
  if (auto stored = cache_.tree(out_.commit)) return std::move(*stored);
  Url url = client_.at("/api/models/" + name_.repo + "/tree/" + out_.commit +
                       "?recursive=true&expand=false");
  std::vector<RepoFile> files;
  while (true) {
    const auto page = client_.get(url, kLargestAnswer, [this](const auto& text) { say(text); });
    for (RepoFile& file : parse_tree_page(page.text)) files.push_back(std::move(file));
    if (files.size() > kMostFiles) {
      throw Error(Code::limit, name_.repo + " lists more than 200,000 files");
    }
    const auto next = next_link(page.headers.get("Link"));
    if (!next) break;
    const auto following = resolve(page.url, *next);
    // A listing that leads back to itself would never end.
    if (!following || following->text() == url.text()) {
      throw Error(Code::network,
                  "the hub's listing goes on at " + quote(*next) + ", which is no other page");
    }
    url = *following;
  }
  cache_.write_tree(out_.commit, files);
  return files;
}

Url Pull::address(const RepoFile& file) const {
  return client_.at("/" + name_.repo + "/resolve/" + out_.commit + "/" +
                    percent_encoded(file.path, true));
}

void Pull::check_space(const std::vector<RepoFile>& missing) const {
  struct statvfs disk{};
  if (::statvfs(cache_.folder().path().c_str(), &disk) != 0) return;
  std::uint64_t needed = 0;
  for (const RepoFile& file : missing) needed += file.size;
  const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  if (needed <= free) return;
  throw Error(Code::io,
              "not enough space: " + std::to_string(needed >> 20) + " MiB are needed, " +
                  std::to_string(free >> 20) +
                  " MiB are free; free some, or set HF_HOME to another disk",
              {.file = cache_.folder().path()});
}

// Brings what is missing into blobs/ and shows all of them in the snapshot.
void Pull::fetch(const std::vector<RepoFile>& files) {
  std::vector<RepoFile> missing, to_show;
  std::set<std::string> digests;
  for (const RepoFile& file : files) {
    if (!options_.force && cache_.has(out_.commit, file)) continue;
    to_show.push_back(file);
    if (options_.force) cache_.blobs().remove_file(file.digest());
    if (!cache_.has_blob(file) && digests.insert(file.digest()).second) missing.push_back(file);
  }
  check_space(missing);
  std::vector<std::unique_ptr<BlobDownload>> blobs;
  for (const RepoFile& file : missing) {
    blobs.push_back(std::make_unique<BlobDownload>(
        cache_, file, address(file), std::max<std::uint64_t>(1, options_.part_bytes)));
  }
  download(blobs, settings_, name_.repo, options_);
  for (const auto& blob : blobs) out_.fetched_bytes += blob->fetched();
  out_.fetched_files += blobs.size();
  for (const RepoFile& file : to_show) cache_.show(out_.commit, file, settings_.links);
}

std::vector<RepoFile> Pull::shards(const std::vector<RepoFile>& listing) const {
  const auto snapshot = cache_.folder().find("snapshots/" + out_.commit);
  const auto names = snapshot ? shards_in(*snapshot) : std::nullopt;
  if (!names) throw Error(Code::io, "model.safetensors.index.json cannot be read again");
  return files_named(*names, listing);
}

Pulled Pull::run() {
  if (settings_.endpoint.scheme == "http" && !settings_.token.empty() &&
      !is_loopback(settings_.endpoint.host)) {
    say("HF_ENDPOINT is plain http: the token is not sent");
  }
  remove_old_partials(cache_.blobs());
  out_.commit = find_commit();
  const auto listing = find_listing();
  Choice choice = choose_files(name_, listing, options_.include, options_.exclude);
  fetch(choice.files);
  if (choice.sharded) {
    const auto more = shards(listing);
    check_files(more);
    fetch(more);
    choice.files.insert(choice.files.end(), more.begin(), more.end());
  }
  for (const auto& path : choice.absent) cache_.write_absent(out_.commit, path);
  cache_.write_ref(name_.revision, out_.commit);

  out_.path = cache_.snapshot_path(out_.commit);
  if (const auto file = file_of_model(name_, choice.files); !file.empty()) out_.path += "/" + file;
  return out_;
}

}  // namespace

Pulled pull(const Name& name, const PullOptions& options) {
  check_repo(name.repo);
  check_revision(name.revision);
  if (!name.file.empty()) check_path(name.file);
  Settings settings = settings_from_environment();
  if (settings.offline) {
    if (const auto path = find(name); path && options.include.empty() && !options.force) {
      return {.path = *path, .commit = *RepoCache::find(name.repo)->commit_of(name.revision)};
    }
    throw Error(Code::network, "the cache does not hold all of " + name.text() +
                                   ", and HF_HUB_OFFLINE forbids to fetch it; unset it, or copy "
                                   "the model into " +
                                   cache_folder());
  }
  return Pull(name, options, std::move(settings)).run();
}

std::string path_of(const std::string& text, const PullOptions& options) {
  std::error_code ignored;
  if (std::filesystem::exists(text, ignored) || !looks_like_name(text)) return text;
  const Name name = parse_name(text);
  if (const auto path = find(name)) return *path;
  return pull(name, options).path;
}

std::string network_description() { return Http::description(); }

}  // namespace typecase::hub
