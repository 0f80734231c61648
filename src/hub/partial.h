#pragma once

#include "hub/digest.h"
#include "hub/folder.h"
#include "hub/listing.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace typecase::hub {

/// A blob on its way: blobs/DIGEST.typecase-PID.incomplete, which becomes blobs/DIGEST only when
/// all of it has come and its hash is right.
///
/// Bytes are appended in order, so whatever a killed process left is a beginning: the next one
/// hashes it again and goes on behind it. A file is never shortened in place: another process may
/// hold it where file locks do not work.
class Partial {
 public:
  /// Takes over what a process that no longer runs has left, or starts a new file.
  /// REQUIRES: the blob's lock is held; `blobs` outlives this object.
  Partial(const Folder& blobs, const RepoFile& file);

  std::uint64_t size() const noexcept { return size_; }
  /// Bytes found, not fetched.
  std::uint64_t taken_over() const noexcept { return taken_over_; }
  void append(std::string_view bytes);
  void restart();  ///< from nothing, in a new file

  /// REQUIRES: size() is the file's size. False, and started again, when the hash is wrong.
  bool finish();

 private:
  void take_over();
  void start();
  bool hash_what_is_there();

  const Folder& blobs_;
  std::string digest_;
  std::uint64_t expected_size_;
  std::string name_;
  Descriptor file_;
  std::optional<Digest> hash_;
  std::uint64_t size_ = 0;
  std::uint64_t taken_over_ = 0;
};

/// The hash of a file of the kind that `expected` is. Throws Error(io).
std::string hash_file(const Folder& folder, std::string_view name, std::string_view expected);

/// Removes what dead processes left in blobs/ more than a day ago.
void remove_old_partials(const Folder& blobs);

}  // namespace typecase::hub
