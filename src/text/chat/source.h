#pragma once

#include <typecase/error.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace typecase::chat {

/// Where something stands in the source: a byte offset, turned into line and column when needed.
using Position = std::uint32_t;

/// A template's text with LF line ends and without its last one.
class Source {
 public:
  /// Throws Error(limit) above 4 MiB, Error(invalid_argument) for invalid UTF-8.
  explicit Source(std::string_view text);

  const std::string& text() const noexcept { return text_; }
  /// As the caller gave it.
  const std::string& original() const noexcept { return original_; }

  /// An error at `at`: "line L, column C: …", both from 1, the column in code points.
  Error error(Code code, std::string_view message, Position at) const;

 private:
  std::string original_;
  std::string text_;
};

inline constexpr std::size_t kMaxSource = 4u << 20;

}  // namespace typecase::chat
