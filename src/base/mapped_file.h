#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace typecase {

/// A regular file, mapped read-only for as long as this object lives.
///
/// Throws Error(not_found) when there is none, Error(access_denied), Error(bad_file) for anything
/// that is no regular file (folder, pipe, device), Error(io).
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const std::string& path() const noexcept { return path_; }
  std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }

  /// Brings the pages under `part` within reach ahead of their use. The file may not have shrunk.
  void populate(std::span<const std::byte> part) const noexcept;

  /// Tells the system that the pages under `part` will not be read again soon.
  void release(std::span<const std::byte> part) const noexcept;

  /// Throws Error(io) when the file has become shorter than it was when mapped: pages past its end
  /// would fault.
  void check_size() const;

 private:
  void close() noexcept;
  std::string path_;
  int fd_ = -1;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// The whole of a (small) regular file. Throws as MappedFile does; Error(limit) over `most` bytes.
std::string read_file(const std::string& path, std::uint64_t most);

}  // namespace typecase
