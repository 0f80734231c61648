#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace typecase::hub {

/// An open file descriptor, closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) noexcept : fd_(fd) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

/// An open folder of the cache. Everything below the cache's own folder is reached through one:
/// name by name, never through a symbolic link, so that nothing outside can be written whatever
/// lies in the cache.
///
/// Names are single parts of a path; `path` arguments may have several, with '/' between.
/// Throws Error(io) or Error(access_denied) naming the file, Error(io) for a link in the way.
class Folder {
 public:
  /// Links in `path` itself are followed: where the cache lies is the user's choice.
  static std::optional<Folder> open(const std::string& path);
  static Folder create(const std::string& path);  ///< and its parents

  /// Opens, creates where need be; "" is this folder.
  Folder make(std::string_view path) const;
  std::optional<Folder> find(std::string_view path) const;

  const std::string& path() const noexcept { return path_; }
  std::string path_of(std::string_view name) const { return path_ + "/" + std::string(name); }
  int fd() const noexcept { return fd_.get(); }

  struct Entry {
    std::string name;
    enum class Kind { file, folder, link, other } kind;
  };
  std::vector<Entry> entries() const;  ///< sorted by name, without "." and ".."

  /// Size of the regular file that `name` is or leads to.
  struct FileInfo {
    std::uint64_t size;
    std::int64_t modified;  ///< seconds since 1970
  };
  std::optional<FileInfo> info(std::string_view name) const;
  /// Where the link `name` points; nullopt if it is none.
  std::optional<std::string> link_target(std::string_view name) const;
  /// The text of a small file; nullopt when there is none or it has more than `most` bytes.
  std::optional<std::string> read(std::string_view name, std::size_t most) const;

  /// Writes a file so that readers see the old or the new text, never a part of it.
  void write(std::string_view name, std::string_view text) const;
  /// Creates an empty file if there is none.
  void touch(std::string_view name) const;
  /// Puts a link in place of whatever `name` was. False where links cannot be made.
  bool link(std::string_view name, const std::string& target) const;
  /// Opens for reading and writing; `create_new`: it must not exist. nullopt if it (not) does.
  std::optional<Descriptor> open_file(std::string_view name, bool create_new) const;
  void rename(std::string_view from, const Folder& to_folder, std::string_view to) const;
  void remove_file(std::string_view name) const;  ///< what is not there is no error
  /// Removes a folder with all in it, or a file. Returns the bytes of its regular files.
  std::uint64_t remove_all(std::string_view name) const;
  void sync() const;  ///< its entries reach the disk

  [[noreturn]] void fail(std::string_view name, const char* what, int error) const;

 private:
  Folder(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Descriptor fd_;
  std::string path_;
};

/// The last part of a path and what stands before it ("" for none).
struct SplitPath {
  std::string_view folder, name;
};
SplitPath split_path(std::string_view path);

/// 8 random hex digits, for names of temporary files.
std::string random_hex();

}  // namespace typecase::hub
