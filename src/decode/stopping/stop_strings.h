#pragma once

#include "decode/stopping/stop_text.h"

#include <span>
#include <string>
#include <vector>

namespace typecase {

/// Whether a row's text ends in a stop string, to within its last token: the string may end inside
/// that token ("st" + "opera" ends "stop"), and the token that holds its beginning may begin
/// earlier. Tokens of the prompt take part.
class StopStrings {
 public:
  /// Throws Error(invalid_argument) when no token can end any of the strings.
  /// REQUIRES: `text` outlives this object.
  StopStrings(std::vector<std::string> strings, const StopText& text);

  bool reached(std::span<const TokenId> ids) const;

 private:
  bool ends(std::span<const TokenId> ids, std::string_view stop) const;
  bool continues(std::span<const TokenId> before, std::string_view stop, std::size_t seen) const;

  std::vector<std::string> strings_;
  const StopText& text_;
  std::size_t most_tokens_ = 0;  // how far back it looks
};

}  // namespace typecase
