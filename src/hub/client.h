#pragma once

#include "hub/environment.h"
#include "hub/http.h"

#include <typecase/error.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace typecase::hub {

/// A failure that may pass: a lost connection, 408, 429, 5xx. What is caught as Error elsewhere.
class Transient : public Error {
 public:
  Transient(Code code, const std::string& message, std::optional<int> wait_seconds = {})
      : Error(code, message), wait_seconds_(wait_seconds) {}
  std::optional<int> wait_seconds() const noexcept { return wait_seconds_; }  ///< as asked for

 private:
  std::optional<int> wait_seconds_;
};

/// Waits before the n-th retry (from 1), as long as the failure asks or 0.5 s · 2ⁿ⁻¹; rethrows it
/// when there were enough, or when it asks for more than five minutes. Ends early on `stop`.
struct Retry {
  const std::atomic<bool>& stop;
  std::function<void(const std::string&)> say;
  int failures = 0;

  void after(const Transient& failure);
};

/// A hub as its answers are understood: redirects, the token, refusals in words.
///
/// Redirects are followed here, never by libcurl. A request carries the token only if its scheme,
/// host and port are the endpoint's; https never becomes http (unless the endpoint is on this
/// machine); private addresses are refused unless the endpoint has one. For one thread at a time.
class Client {
 public:
  Client(const Settings& settings, std::string repo, const std::atomic<bool>& stop);

  /// A small document whole, with retries. Throws what refusals mean, Error(limit) over `most`
  /// bytes.
  struct Document {
    std::string text;
    Headers headers;
    Url url;  ///< that answered
  };
  Document get(const Url& url, std::size_t most,
               const std::function<void(const std::string&)>& say);

  /// A file's bytes from `first` up to `end`; the whole of it without a range. No retries.
  struct Part {
    Url url;
    std::optional<std::pair<std::uint64_t, std::uint64_t>> range{};  ///< [first, end)
    /// 200 or 206 came; false ends it. `url` answered.
    std::function<bool(const Headers&, const Url& url)> on_headers{};
    std::function<bool(std::string_view)> on_data{};
    std::function<void()> on_bad_range{};  ///< 416 came; a Transient follows
  };
  /// Whether it ran to its end. Throws Error, Transient when it may be tried again.
  bool get_part(const Part& part);

  /// endpoint + path, which begins with '/' and is encoded already.
  Url at(const std::string& path) const;
  const Settings& settings() const noexcept { return settings_; }

 private:
  Http::Result follow(Exchange exchange, Url& answered);
  Url redirect(const Url& from, const Headers& headers) const;
  [[noreturn]] void refuse(const Headers& headers, const Url& url) const;

  Settings settings_;
  std::string repo_;
  const std::atomic<bool>& stop_;
  Http http_;
  bool endpoint_is_private_ = false;
};

}  // namespace typecase::hub
