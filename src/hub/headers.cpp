#include "hub/headers.h"

#include <typecase/error.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace typecase::hub {
namespace {

constexpr std::size_t kMostBytes = 64 << 10;
constexpr std::size_t kMostLines = 256;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

int status_of(std::string_view line) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return 0;
  const auto code = parse_decimal(line.substr(space + 1, 3));
  return code && *code >= 100 && *code <= 599 ? static_cast<int>(*code) : 0;
}

// The part of `text` before `end`, which is taken off together with it.
std::string_view take(std::string_view& text, char end) {
  const auto at = std::min(text.find(end), text.size());
  const auto out = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return out;
}

// One link of a Link header, <address>; name="value"; …, taken off `link`.
struct OneLink {
  std::string_view address;
  bool next = false;
};
std::optional<OneLink> take_link(std::string_view& link) {
  const auto open = link.find('<');
  if (open == std::string_view::npos) return std::nullopt;
  link.remove_prefix(open + 1);
  const auto close = link.find('>');
  if (close == std::string_view::npos) return std::nullopt;
  OneLink out{.address = link.substr(0, close)};
  link.remove_prefix(close + 1);
  std::string_view parameters = link.substr(0, link.find('<'));
  link.remove_prefix(parameters.size());
  while (!parameters.empty()) {
    std::string_view parameter = trimmed(take(parameters, ';'));
    if (parameter.ends_with(',')) parameter.remove_suffix(1);
    parameter = trimmed(parameter);
    if (parameter == "rel=\"next\"" || parameter == "rel=next") out.next = true;
  }
  return out;
}

}  // namespace

void Headers::add_line(std::string_view line) {
  bytes_ += line.size();
  if (bytes_ > kMostBytes || lines_.size() >= kMostLines) {
    throw Error(Code::limit, "the server sends more than 64 KiB or 256 lines of headers");
  }
  line = trimmed(line);
  if (line.starts_with("HTTP/")) {
    status_ = status_of(line);
    lines_.clear();
    return;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return;
  std::string value(trimmed(line.substr(colon + 1)));
  for (char& c : value) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  lines_.emplace_back(std::string(line.substr(0, colon)), std::move(value));
}

std::string_view Headers::get(std::string_view name) const noexcept {
  for (const auto& [key, value] : lines_) {
    if (same_name(key, name)) return value;
  }
  return {};
}

bool Headers::has(std::string_view name) const noexcept {
  return std::ranges::any_of(lines_, [&](const auto& line) { return same_name(line.first, name); });
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

std::string normalised_etag(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    etag = etag.substr(1, etag.size() - 2);
  }
  return std::string(etag);
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
  if (!text.starts_with("bytes ")) return std::nullopt;
  text.remove_prefix(6);
  if (text.find('-') == std::string_view::npos || text.find('/') == std::string_view::npos) {
    return std::nullopt;
  }
  const auto first = parse_decimal(take(text, '-'));
  const auto last = parse_decimal(take(text, '/'));
  if (!first || !last || *last < *first) return std::nullopt;
  ContentRange out{.first = *first, .last = *last};
  if (text == "*") return out;
  out.total = parse_decimal(text);
  if (!out.total || *out.total <= *last) return std::nullopt;
  return out;
}

std::optional<std::string> next_link(std::string_view link) {
  while (const auto one = take_link(link)) {
    if (one->next) return std::string(one->address);
  }
  return std::nullopt;
}

std::optional<int> seconds_to_wait(const Headers& headers) {
  constexpr std::uint64_t kMost = std::numeric_limits<int>::max() - 1;
  if (const auto wait = parse_decimal(headers.get("Retry-After"))) {
    return static_cast<int>(std::min(*wait, kMost));
  }
  std::string_view limit = headers.get("RateLimit");
  while (!limit.empty()) {
    const auto part = trimmed(take(limit, ';'));
    if (!part.starts_with("t=")) continue;
    if (const auto wait = parse_decimal(part.substr(2))) {
      return static_cast<int>(std::min(*wait, kMost)) + 1;
    }
  }
  return std::nullopt;
}

}  // namespace typecase::hub
