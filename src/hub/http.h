#pragma once

#include "hub/headers.h"
#include "hub/url.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace typecase::hub {

/// One exchange over HTTP/1.1, without redirects, retries or decoding.
struct Exchange {
  Url url;
  std::vector<std::string> headers{};  ///< "Name: value"
  bool public_hosts_only = false;      ///< refuse to connect to a private address
  /// Called once the headers are complete, before any byte of the body; false ends the exchange.
  std::function<bool(const Headers&)> on_headers{};
  /// Called with the body's bytes; false ends the exchange.
  std::function<bool(std::string_view)> on_data{};
};

/// How connections behave.
struct HttpSettings {
  int connect_seconds = 10;  ///< to connect and be answered
  int stall_seconds = 10;    ///< without a byte
  std::string proxy;  ///< for http endpoints; "" leaves it to the environment as curl reads it
  std::string ca_file, ca_folder;
  std::string user_agent;
};

/// A connection that is kept open between exchanges. For one thread at a time.
class Http {
 public:
  /// Throws Error(unsupported), saying what to install, where libcurl cannot be loaded.
  /// REQUIRES: `stop` outlives this object; when it becomes true, run() ends early.
  Http(const HttpSettings& settings, const std::atomic<bool>& stop);
  ~Http();
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;

  struct Result {
    Headers headers;
    bool complete = false;  ///< false when a callback or `stop` ended it
    bool connected_to_private_address = false;
  };
  /// Throws Error(network) naming the host and the reason. What a callback throws comes out.
  Result run(const Exchange& exchange);

  /// "libcurl 7.88.1, OpenSSL 3.0.22".
  static std::string description();

  struct State;  ///< the implementation's own

 private:
  std::unique_ptr<State> state_;
};

}  // namespace typecase::hub
