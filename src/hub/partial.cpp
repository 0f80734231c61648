#include "hub/partial.h"

#include "hub/headers.h"

#include <typecase/error.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <vector>

namespace typecase::hub {
namespace {

constexpr std::string_view kTag = ".typecase-";
constexpr std::string_view kEnd = ".incomplete";
constexpr std::int64_t kDay = 86'400;

// The process of "DIGEST.typecase-PID.incomplete", or nullopt for any other name.
std::optional<pid_t> owner_of(std::string_view name) {
  const auto tag = name.find(kTag);
  if (tag == std::string_view::npos || !name.ends_with(kEnd)) return std::nullopt;
  name.remove_suffix(kEnd.size());
  const auto pid = parse_decimal(name.substr(tag + kTag.size()));
  if (!pid || *pid == 0 || *pid > 0x7fffffff) return std::nullopt;
  return static_cast<pid_t>(*pid);
}

bool is_another_that_runs(pid_t pid) {
  return pid != ::getpid() && (::kill(pid, 0) == 0 || errno == EPERM);
}

}  // namespace

Partial::Partial(const Folder& blobs, const RepoFile& file)
    : blobs_(blobs),
      digest_(file.digest()),
      expected_size_(file.size),
      name_(digest_ + std::string(kTag) + std::to_string(::getpid()) + std::string(kEnd)) {
  take_over();
  if (size_ == 0) start();
}

// The longest of the files that dead processes left; the others go.
void Partial::take_over() {
  std::string longest;
  std::uint64_t most = 0;
  for (const auto& entry : blobs_.entries()) {
    if (!entry.name.starts_with(digest_ + std::string(kTag))) continue;
    const auto owner = owner_of(entry.name);
    const auto info = blobs_.info(entry.name);
    if (!owner || !info || is_another_that_runs(*owner)) continue;
    const bool better = entry.kind == Folder::Entry::Kind::file && info->size > most &&
                        info->size <= expected_size_;
    if (!better) {
      blobs_.remove_file(entry.name);
      continue;
    }
    if (!longest.empty()) blobs_.remove_file(longest);
    longest = entry.name;
    most = info->size;
  }
  if (longest.empty()) return;
  if (longest != name_) blobs_.rename(longest, blobs_, name_);
  auto file = blobs_.open_file(name_, false);
  if (!file) return;
  file_ = std::move(*file);
  if (!hash_what_is_there()) return;
  taken_over_ = size_;
}

bool Partial::hash_what_is_there() {
  hash_.emplace(digest_, expected_size_);
  std::vector<char> block(1 << 20);
  while (size_ < expected_size_) {
    const auto count = ::pread(file_.get(), block.data(), block.size(), static_cast<off_t>(size_));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      size_ = 0;
      return false;
    }
    if (count == 0) break;
    const auto bytes = std::min(static_cast<std::uint64_t>(count), expected_size_ - size_);
    hash_->update({block.data(), static_cast<std::size_t>(bytes)});
    size_ += bytes;
  }
  return true;
}

void Partial::start() {
  blobs_.remove_file(name_);
  auto file = blobs_.open_file(name_, true);
  if (!file) blobs_.fail(name_, "cannot be made", EEXIST);
  file_ = std::move(*file);
  hash_.emplace(digest_, expected_size_);
  size_ = taken_over_ = 0;
}

void Partial::restart() { start(); }

void Partial::append(std::string_view bytes) {
  hash_->update(bytes);
  while (!bytes.empty()) {
    const auto count = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) blobs_.fail(name_, "cannot be written", errno);
    size_ += static_cast<std::uint64_t>(count);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

bool Partial::finish() {
  if (hash_->hex() != digest_) {
    restart();
    return false;
  }
  if (::fsync(file_.get()) != 0) blobs_.fail(name_, "cannot be written", errno);
  blobs_.rename(name_, blobs_, digest_);
  blobs_.sync();
  file_ = Descriptor();
  return true;
}

std::string hash_file(const Folder& folder, std::string_view name, std::string_view expected) {
  const std::string path(name);
  const Descriptor file(::openat(folder.fd(), path.c_str(), O_RDONLY | O_CLOEXEC));
  const auto info = folder.info(name);
  if (file.get() < 0 || !info)
    folder.fail(name, "cannot be opened", file.get() < 0 ? errno : ENOENT);
  Digest hash(expected, info->size);
  std::vector<char> block(1 << 20);
  while (true) {
    const auto count = ::read(file.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) folder.fail(name, "cannot be read", errno);
    if (count == 0) return hash.hex();
    hash.update({block.data(), static_cast<std::size_t>(count)});
  }
}

void remove_old_partials(const Folder& blobs) {
  for (const auto& entry : blobs.entries()) {
    const auto owner = owner_of(entry.name);
    const auto info = blobs.info(entry.name);
    if (!owner || !info || is_another_that_runs(*owner)) continue;
    if (std::time(nullptr) - info->modified > kDay) blobs.remove_file(entry.name);
  }
}

}  // namespace typecase::hub
