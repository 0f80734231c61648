#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace typecase::hub {

/// The headers of one answer, collected line by line. Names compare without case.
///
/// Throws Error(limit) over 64 KiB or 256 lines: a server may send headers without end.
class Headers {
 public:
  /// A line as it came, with or without its end. A status line ("HTTP/1.1 200 OK") starts anew.
  void add_line(std::string_view line);

  int status() const noexcept { return status_; }
  /// The first value of that name, or "". Values are printable: other bytes became '?'.
  std::string_view get(std::string_view name) const noexcept;
  bool has(std::string_view name) const noexcept;

 private:
  int status_ = 0;
  std::size_t bytes_ = 0;
  std::vector<std::pair<std::string, std::string>> lines_;
};

/// Digits only, within 63 bits.
std::optional<std::uint64_t> parse_decimal(std::string_view text);

/// W/"abc" → abc.
std::string normalised_etag(std::string_view etag);

/// Content-Range: "bytes 0-99/200"; total is unset for "*".
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  ///< the last byte, included
  std::optional<std::uint64_t> total{};
};
std::optional<ContentRange> parse_content_range(std::string_view text);

/// The address of rel="next" in a Link header.
std::optional<std::string> next_link(std::string_view link);

/// How long a 429 or 503 asks to wait: Retry-After in seconds, else t of RateLimit ("api";r=0;t=55)
/// plus one.
std::optional<int> seconds_to_wait(const Headers& headers);

}  // namespace typecase::hub
