#include "hub/folder.h"

#include <typecase/error.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <utility>

namespace typecase::hub {
namespace {

constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

std::string owned(std::string_view text) { return std::string(text); }

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

void Folder::fail(std::string_view name, const char* what, int error) const {
  const Place place{.file = name.empty() ? path_ : path_of(name)};
  if (error == ELOOP || error == ENOTDIR) {
    throw Error(Code::io, "a link or a file stands where a folder of the cache belongs; remove it",
                place);
  }
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    throw Error(Code::io,
                std::string("the disk is full (") + std::strerror(error) +
                    "); free some space, or set HF_HOME to another disk; what came so far is kept",
                place);
  }
  const bool denied = error == EACCES || error == EPERM || error == EROFS;
  throw Error(denied ? Code::access_denied : Code::io,
              std::string(what) + ": " + std::strerror(error), place);
}

std::optional<Folder> Folder::open(const std::string& path) {
  Descriptor fd(::open(path.c_str(), kFolder));
  if (fd.get() < 0) return std::nullopt;
  return Folder(std::move(fd), path);
}

Folder Folder::create(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (auto opened = open(path)) return std::move(*opened);
  throw Error(Code::io, "the cache's folder cannot be made: " + error.message(), {.file = path});
}

std::optional<Folder> Folder::find(std::string_view path) const {
  const auto slash = path.find('/');
  const std::string name = path.empty() ? "." : owned(path.substr(0, slash));
  Descriptor fd(::openat(fd_.get(), name.c_str(), kFolder | O_NOFOLLOW));
  if (fd.get() < 0) {
    if (errno == ENOENT) return std::nullopt;
    fail(name, "cannot be opened", errno);
  }
  Folder found(std::move(fd), path.empty() ? path_ : path_of(name));
  if (slash == std::string_view::npos) return found;
  return found.find(path.substr(slash + 1));
}

Folder Folder::make(std::string_view path) const {
  const auto slash = path.find('/');
  const std::string name = owned(path.substr(0, slash));  // "" is this folder
  auto found = find(name);
  if (!found) {
    if (::mkdirat(fd_.get(), name.c_str(), 0777) != 0 && errno != EEXIST) {
      fail(name, "cannot be made", errno);
    }
    found = find(name);
    if (!found) fail(name, "cannot be made", ENOENT);
  }
  if (slash == std::string_view::npos) return std::move(*found);
  return found->make(path.substr(slash + 1));
}

std::vector<Folder::Entry> Folder::entries() const {
  const int copy = ::openat(fd_.get(), ".", kFolder);
  DIR* raw = copy < 0 ? nullptr : ::fdopendir(copy);
  if (raw == nullptr) fail({}, "cannot be listed", errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(raw, &::closedir);
  std::vector<Entry> out;
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string name = entry->d_name;
    struct stat info{};
    if (name == "." || name == "..") continue;
    if (::fstatat(fd_.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    const auto kind = S_ISREG(info.st_mode)   ? Entry::Kind::file
                      : S_ISDIR(info.st_mode) ? Entry::Kind::folder
                      : S_ISLNK(info.st_mode) ? Entry::Kind::link
                                              : Entry::Kind::other;
    out.push_back({name, kind});
  }
  std::ranges::sort(out, {}, &Entry::name);
  return out;
}

std::optional<Folder::FileInfo> Folder::info(std::string_view name) const {
  struct stat info{};
  if (::fstatat(fd_.get(), owned(name).c_str(), &info, 0) != 0 || !S_ISREG(info.st_mode)) {
    return std::nullopt;
  }
  return FileInfo{static_cast<std::uint64_t>(info.st_size), info.st_mtim.tv_sec};
}

std::optional<std::string> Folder::link_target(std::string_view name) const {
  std::array<char, PATH_MAX> text{};
  const auto size = ::readlinkat(fd_.get(), owned(name).c_str(), text.data(), text.size());
  if (size < 0) return std::nullopt;
  return std::string(text.data(), static_cast<std::size_t>(size));
}

std::optional<std::string> Folder::read(std::string_view name, std::size_t most) const {
  const Descriptor file(
      ::openat(fd_.get(), owned(name).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info{};
  if (file.get() < 0 || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return std::nullopt;
  }
  std::string out;
  std::array<char, 16384> block{};
  while (true) {
    const auto count = ::read(file.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 || out.size() + static_cast<std::size_t>(count) > most) return std::nullopt;
    if (count == 0) return out;
    out.append(block.data(), static_cast<std::size_t>(count));
  }
}

void Folder::write(std::string_view name, std::string_view text) const {
  const std::string temporary = owned(name) + "." + random_hex() + ".tmp";
  const auto file = open_file(temporary, true);
  if (!file) fail(temporary, "cannot be made", EEXIST);
  while (!text.empty()) {
    const auto count = ::write(file->get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      remove_file(temporary);
      fail(name, "cannot be written", error);
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  ::fsync(file->get());
  rename(temporary, *this, name);
}

void Folder::touch(std::string_view name) const { open_file(name, true); }

bool Folder::link(std::string_view name, const std::string& target) const {
  const std::string temporary = owned(name) + "." + random_hex() + ".tmp";
  if (::symlinkat(target.c_str(), fd_.get(), temporary.c_str()) != 0) {
    if (errno == EPERM || errno == ENOTSUP || errno == ENOSYS) return false;
    fail(name, "cannot be made", errno);
  }
  rename(temporary, *this, name);
  return true;
}

std::optional<Descriptor> Folder::open_file(std::string_view name, bool create_new) const {
  const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create_new ? O_CREAT | O_EXCL : 0);
  Descriptor file(::openat(fd_.get(), owned(name).c_str(), flags, 0666));
  if (file.get() >= 0) return file;
  if (errno == (create_new ? EEXIST : ENOENT)) return std::nullopt;
  fail(name, "cannot be opened", errno);
}

void Folder::rename(std::string_view from, const Folder& to_folder, std::string_view to) const {
  if (::renameat(fd_.get(), owned(from).c_str(), to_folder.fd(), owned(to).c_str()) != 0) {
    const int error = errno;
    remove_file(from);
    to_folder.fail(to, "cannot be put in its place", error);
  }
}

void Folder::remove_file(std::string_view name) const {
  ::unlinkat(fd_.get(), owned(name).c_str(), 0);
}

std::uint64_t Folder::remove_all(std::string_view name) const {
  const std::string path = owned(name);
  struct stat info{};
  if (::fstatat(fd_.get(), path.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return 0;
  if (!S_ISDIR(info.st_mode)) {
    if (::unlinkat(fd_.get(), path.c_str(), 0) != 0) fail(name, "cannot be removed", errno);
    return S_ISREG(info.st_mode) ? static_cast<std::uint64_t>(info.st_size) : 0;
  }
  std::uint64_t freed = 0;
  if (const auto folder = find(name)) {
    for (const Entry& entry : folder->entries()) freed += folder->remove_all(entry.name);
  }
  if (::unlinkat(fd_.get(), path.c_str(), AT_REMOVEDIR) != 0)
    fail(name, "cannot be removed", errno);
  return freed;
}

void Folder::sync() const { ::fsync(fd_.get()); }

SplitPath split_path(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return {{}, path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

std::string random_hex() {
  std::random_device random;
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%08x", random() & 0xffffffffU);
  return text.data();
}

}  // namespace typecase::hub
