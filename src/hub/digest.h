#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace typecase::hub {

/// The hash a hub names a file by, computed as the bytes come.
///
/// Large files are named by the SHA-256 of their content (64 hex digits), small ones by git's blob
/// hash: the SHA-1 of "blob SIZE\0" and the content (40 hex digits).
class Digest {
 public:
  /// `expected` tells the kind by its length. REQUIRES: 40 or 64 digits.
  /// Throws Error(unsupported) when OpenSSL's libcrypto cannot be loaded.
  Digest(std::string_view expected, std::uint64_t size);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;

  void update(std::string_view bytes);
  std::string hex();  ///< ends it

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace typecase::hub
