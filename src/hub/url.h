#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace typecase::hub {

/// An http or https address in parts. Made by parse_url() or resolve() only, so every part has
/// been checked; text() is what is asked for, and no second parser sees the original.
struct Url {
  std::string scheme;  ///< "http" or "https"
  std::string host;    ///< lower case; an IPv6 address in brackets
  int port = 0;
  std::string target;  ///< path and query, beginning with '/'

  std::string text() const;
  /// "https://host" or "http://host:8080".
  std::string origin() const;
};

/// nullopt for other schemes, user names, odd characters, ports out of range.
std::optional<Url> parse_url(std::string_view text);
/// A Location or Link header as seen from `base`: absolute, "//host/x", "/x", "?x" or "x".
std::optional<Url> resolve(const Url& base, std::string_view reference);

/// Same scheme, host and port.
bool same_origin(const Url& a, const Url& b);

/// "localhost" and loopback addresses.
bool is_loopback(std::string_view host);
/// An address, with or without brackets, that is not of the public internet: loopback, private,
/// link-local, unspecified. Names are false.
bool is_private_address(std::string_view host);

/// Every byte but letters, digits and "-._~" becomes %XX; '/' stays if `keep_slash`.
std::string percent_encoded(std::string_view text, bool keep_slash);

}  // namespace typecase::hub
