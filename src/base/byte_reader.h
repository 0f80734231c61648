#pragma once

#include <typecase/error.h>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace typecase {

/// Reads little-endian values from bytes and never past their end.
///
/// The only way file bytes become values. A short read throws Error(bad_file) saying what was
/// being read and where.
class ByteReader {
 public:
  /// REQUIRES: the bytes outlive this object.
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint64_t offset() const noexcept { return at_; }
  std::uint64_t remaining() const noexcept { return bytes_.size() - at_; }

  /// The next `n` bytes. `what` names them in the error.
  std::span<const std::byte> take(std::uint64_t n, std::string_view what) {
    if (n > remaining()) {
      throw Error(Code::bad_file,
                  std::string(what) + " needs " + std::to_string(n) + " bytes, the file has " +
                      std::to_string(remaining()) + " left; was the download complete?",
                  {.file = {}, .offset = at_});
    }
    const auto out = bytes_.subspan(static_cast<std::size_t>(at_), static_cast<std::size_t>(n));
    at_ += n;
    return out;
  }

  template <class T>
    requires std::integral<T> || std::floating_point<T>
  T read(std::string_view what) {
    static_assert(std::endian::native == std::endian::little);
    T value;
    std::memcpy(&value, take(sizeof(T), what).data(), sizeof(T));
    return value;
  }

  std::string_view text(std::uint64_t n, std::string_view what) {
    const auto bytes = take(n, what);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

 private:
  std::span<const std::byte> bytes_;
  std::uint64_t at_ = 0;
};

}  // namespace typecase
