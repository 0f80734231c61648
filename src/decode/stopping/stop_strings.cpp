#include "decode/stopping/stop_strings.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase {
namespace {

/// Whether a token agrees with the stop string where they overlap, when the last `over` bytes of
/// the token lie behind the string, or the last `behind` bytes of the string behind the token.
bool fits(std::string_view token, std::string_view stop, std::size_t behind, std::size_t over) {
  token.remove_suffix(over);
  stop.remove_suffix(behind);
  const std::size_t common = std::min(token.size(), stop.size());
  return token.substr(token.size() - common) == stop.substr(stop.size() - common);
}

bool can_end(std::string_view token, std::string_view stop) {
  for (std::size_t over = 0; over < token.size(); ++over) {
    if (fits(token, stop, 0, over)) return true;
  }
  return false;
}

}  // namespace

StopStrings::StopStrings(std::vector<std::string> strings, const StopText& text)
    : strings_(std::move(strings)), text_(text) {
  bool possible = false;
  for (const std::string& stop : strings_) {
    most_tokens_ = std::max(most_tokens_, stop.size());
    for (std::size_t id = 0; id < text_.vocabulary() && !possible; ++id) {
      possible = can_end(text_.text_of(static_cast<TokenId>(id)), stop);
    }
  }
  if (!possible) {
    throw Error(Code::invalid_argument,
                "no token of the vocabulary can end any of the stop strings, so they would never "
                "act: " +
                    quote(strings_.empty() ? "" : strings_.front()),
                {.file = {}, .offset = {}, .line = {}, .key = "stop_strings"});
  }
}

bool StopStrings::reached(std::span<const TokenId> ids) const {
  const auto tail = most_tokens_ == 0 ? ids : ids.last(std::min(ids.size(), most_tokens_));
  return std::any_of(strings_.begin(), strings_.end(),
                     [&](const std::string& stop) { return ends(tail, stop); });
}

bool StopStrings::ends(std::span<const TokenId> ids, std::string_view stop) const {
  if (stop.empty()) return true;
  const auto known = [this](TokenId id) {
    return id >= 0 && static_cast<std::size_t>(id) < text_.vocabulary();
  };
  if (!known(ids.back())) return false;
  const std::string_view last = text_.text_of(ids.back());
  for (std::size_t over = 0; over < last.size(); ++over) {
    if (!fits(last, stop, 0, over)) continue;
    const std::size_t seen = std::min(last.size() - over, stop.size());
    if (continues(ids.first(ids.size() - 1), stop, seen)) return true;
  }
  return false;
}

/// Whether the tokens before continue the string, whose last `seen` bytes are found, to its start.
bool StopStrings::continues(std::span<const TokenId> before, std::string_view stop,
                            std::size_t seen) const {
  while (seen < stop.size()) {
    if (before.empty()) return false;
    const TokenId id = before.back();
    before = before.first(before.size() - 1);
    if (id < 0 || static_cast<std::size_t>(id) >= text_.vocabulary()) return false;
    const std::string_view token = text_.text_of(id);
    if (!fits(token, stop, seen, 0)) return false;
    seen += token.size();
  }
  return true;
}

}  // namespace typecase
