#include "base/mapped_file.h"

#include <typecase/error.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace typecase {
namespace {

[[noreturn]] void fail(const std::string& path, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      throw Error(Code::not_found, "no such file", {.file = path});
    case EACCES:
    case EPERM:
      throw Error(Code::access_denied, "permission denied", {.file = path});
    case ELOOP:
      throw Error(Code::bad_file, "too many symbolic links", {.file = path});
    default:
      throw Error(Code::io, std::strerror(error), {.file = path});
  }
}

struct OpenFile {
  int fd;
  std::size_t size;
};

OpenFile open_regular(const std::string& path) {
  if (path.find('\0') != std::string::npos) {
    throw Error(Code::invalid_argument, "a file name cannot hold a NUL character",
                {.file = quote(path)});
  }
  // Without O_NONBLOCK the open of a pipe would wait for a writer.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) fail(path, errno);
  struct stat status{};
  if (::fstat(fd, &status) != 0) {
    const int error = errno;
    ::close(fd);
    fail(path, error);
  }
  if (!S_ISREG(status.st_mode)) {
    ::close(fd);
    throw Error(
        Code::bad_file,
        S_ISDIR(status.st_mode) ? "is a folder, a file was expected" : "is not a regular file",
        {.file = path});
  }
  return {fd, static_cast<std::size_t>(status.st_size)};
}

}  // namespace

MappedFile::MappedFile(const std::string& path) : path_(path) {
  const OpenFile file = open_regular(path);
  fd_ = file.fd;
  size_ = file.size;
  if (size_ == 0) return;
  void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd_, 0);
  if (mapped == MAP_FAILED) {
    const int error = errno;
    close();
    fail(path, error);
  }
  data_ = static_cast<const std::byte*>(mapped);
}

MappedFile::~MappedFile() { close(); }

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this != &other) {
    close();
    path_ = std::move(other.path_);
    fd_ = std::exchange(other.fd_, -1);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void MappedFile::close() noexcept {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
  if (fd_ >= 0) ::close(fd_);
  data_ = nullptr;
  fd_ = -1;
}

// A fault brings the pages around it too, 64 KiB unless the system is told otherwise.
// MADV_POPULATE_READ does the same, but looks at every page once more, and holds a lock meanwhile
// that whoever allocates memory waits for.
void MappedFile::populate(std::span<const std::byte> part) const noexcept {
  constexpr std::uintptr_t kAround = 64 << 10;
  const volatile std::byte* at = part.data();
  const volatile std::byte* const end = at + part.size();
  while (at < end) {
    static_cast<void>(*at);
    at += kAround - reinterpret_cast<std::uintptr_t>(at) % kAround;
  }
}

void MappedFile::release(std::span<const std::byte> part) const noexcept {
  constexpr std::uintptr_t kPage = 4096;
  const auto begin = (reinterpret_cast<std::uintptr_t>(part.data()) + kPage - 1) & ~(kPage - 1);
  const auto end = reinterpret_cast<std::uintptr_t>(part.data() + part.size()) & ~(kPage - 1);
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

void MappedFile::check_size() const {
  struct stat status{};
  if (::fstat(fd_, &status) != 0) fail(path_, errno);
  if (static_cast<std::size_t>(status.st_size) < size_) {
    throw Error(Code::io,
                "the file shrank from " + std::to_string(size_) + " to " +
                    std::to_string(status.st_size) + " bytes while it was being read",
                {.file = path_});
  }
}

std::string read_file(const std::string& path, std::uint64_t most) {
  const OpenFile file = open_regular(path);
  std::string out;
  const auto guard = [&](auto&& body) {
    try {
      body();
    } catch (...) {
      ::close(file.fd);
      throw;
    }
    ::close(file.fd);
  };
  guard([&] {
    if (file.size > most) {
      throw Error(Code::limit,
                  "has " + std::to_string(file.size) +
                      " bytes, the limit for this kind of file is " + std::to_string(most),
                  {.file = path});
    }
    out.resize(file.size);
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t n = ::read(file.fd, out.data() + done, out.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(path, errno);
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    out.resize(done);
  });
  return out;
}

}  // namespace typecase
