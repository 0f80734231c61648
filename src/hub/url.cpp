#include "hub/url.h"

#include "hub/names.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace typecase::hub {
namespace {

constexpr std::size_t kLongest = 8192;  // signed addresses take some 2,000

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_host(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  if (host.front() == '[') {
    in6_addr ignored{};
    const std::string inner(host.substr(1, host.size() - 2));
    return host.back() == ']' && inet_pton(AF_INET6, inner.c_str(), &ignored) == 1;
  }
  return std::ranges::all_of(
      host, [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; });
}

bool is_target(std::string_view target) {
  return std::ranges::all_of(target, [](char c) {
    return c > 0x20 && c < 0x7f && c != '\\' && c != '"' && c != '<' && c != '>';
  });
}

std::optional<int> port_of(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port < 1 || port > 65535) {
    return std::nullopt;
  }
  return port;
}

int default_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

// host[:port] into `out`.
bool split_authority(std::string_view authority, Url& out) {
  const auto bracket = authority.find(']');
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  out.host = lower(authority.substr(0, colon));
  out.port = default_port(out.scheme);
  if (colon != std::string_view::npos) {
    const auto port = port_of(authority.substr(colon + 1));
    if (!port) return false;
    out.port = *port;
  }
  return is_host(out.host);
}

bool is_private_v4(std::uint32_t a) {
  const auto within = [a](std::uint32_t network, int bits) {
    return (a >> (32 - bits)) == (network >> (32 - bits));
  };
  return within(0x00000000, 8) || within(0x0a000000, 8) || within(0x64400000, 10) ||
         within(0x7f000000, 8) || within(0xa9fe0000, 16) || within(0xac100000, 12) ||
         within(0xc0a80000, 16) || within(0xe0000000, 3);
}

bool is_private_v6(const std::array<std::uint8_t, 16>& a) {
  const auto zeros = [&a](std::size_t from, std::size_t to) {
    return std::all_of(a.begin() + static_cast<std::ptrdiff_t>(from),
                       a.begin() + static_cast<std::ptrdiff_t>(to), [](auto b) { return b == 0; });
  };
  if (zeros(0, 15) && a[15] <= 1) return true;             // :: and ::1
  if ((a[0] & 0xfe) == 0xfc) return true;                  // fc00::/7
  if (a[0] == 0xfe && (a[1] & 0xc0) == 0x80) return true;  // fe80::/10
  const bool mapped = zeros(0, 10) && a[10] == 0xff && a[11] == 0xff;
  if (!mapped) return false;
  return is_private_v4(static_cast<std::uint32_t>(a[12]) << 24 |
                       static_cast<std::uint32_t>(a[13]) << 16 |
                       static_cast<std::uint32_t>(a[14]) << 8 | a[15]);
}

std::string without_brackets(std::string_view host) {
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  return std::string(host);
}

}  // namespace

std::string Url::origin() const {
  return scheme + "://" + host + (port == default_port(scheme) ? "" : ":" + std::to_string(port));
}

std::string Url::text() const { return origin() + target; }

std::optional<Url> parse_url(std::string_view text) {
  if (text.size() > kLongest) return std::nullopt;
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  Url out;
  out.scheme = lower(text.substr(0, colon));
  if (out.scheme != "http" && out.scheme != "https") return std::nullopt;
  text.remove_prefix(colon + 3);
  text = text.substr(0, text.find('#'));

  const auto end = std::min(text.find_first_of("/?"), text.size());
  if (!split_authority(text.substr(0, end), out)) return std::nullopt;
  out.target = text.substr(end);
  if (!out.target.starts_with('/')) out.target.insert(0, "/");
  if (!is_target(out.target)) return std::nullopt;
  return out;
}

std::optional<Url> resolve(const Url& base, std::string_view reference) {
  if (reference.size() > kLongest) return std::nullopt;
  reference = reference.substr(0, reference.find('#'));
  if (reference.empty()) return std::nullopt;
  if (reference.starts_with("//")) return parse_url(base.scheme + ":" + std::string(reference));
  // A colon before the first slash makes it absolute, or a scheme we do not speak.
  const auto colon = reference.find(':');
  if (colon != std::string_view::npos && colon < reference.find_first_of("/?")) {
    return parse_url(reference);
  }
  Url out = base;
  const std::string path = base.target.substr(0, base.target.find('?'));
  if (reference.front() == '/') {
    out.target = reference;
  } else if (reference.front() == '?') {
    out.target = path + std::string(reference);
  } else {
    out.target = path.substr(0, path.rfind('/') + 1) + std::string(reference);
  }
  if (!is_target(out.target) || out.target.size() > kLongest) return std::nullopt;
  return out;
}

bool same_origin(const Url& a, const Url& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
}

bool is_loopback(std::string_view host) {
  const std::string plain = without_brackets(host);
  in_addr v4{};
  if (inet_pton(AF_INET, plain.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  return plain == "localhost" || plain.ends_with(".localhost") || plain == "::1";
}

bool is_private_address(std::string_view host) {
  const std::string plain = without_brackets(host);
  in_addr v4{};
  if (inet_pton(AF_INET, plain.c_str(), &v4) == 1) return is_private_v4(ntohl(v4.s_addr));
  std::array<std::uint8_t, 16> v6{};
  if (inet_pton(AF_INET6, plain.c_str(), v6.data()) == 1) return is_private_v6(v6);
  return false;
}

std::string percent_encoded(std::string_view text, bool keep_slash) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~' ||
        (c == '/' && keep_slash)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

}  // namespace typecase::hub
