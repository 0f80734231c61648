#pragma once

#include "text/config_value.h"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace typecase {

/// What Split and Replace look for: a literal text, or a regular expression in Oniguruma's syntax.
/// Const and usable from many threads.
class TextPattern {
 public:
  struct Match {
    std::uint32_t begin;
    std::uint32_t end;
  };
  virtual ~TextPattern() = default;

  /// All matches in `text`, one after the other; none in an empty text. An empty match is one, but
  /// not directly behind another match.
  /// Throws Error(limit) when a regular expression takes too many steps or too long.
  virtual void find(std::string_view text, std::vector<Match>& out) const = 0;
};

/// The pattern {"String": …} or {"Regex": …}.
/// Throws Error(bad_file) for a malformed one, with what the compiler of expressions says.
std::unique_ptr<TextPattern> make_pattern(const ConfigValue& config);

std::unique_ptr<TextPattern> make_literal(std::string text);

/// Throws Error(bad_file), without place.
std::unique_ptr<TextPattern> make_regex(std::string_view pattern);

/// Throws Error(limit) when a text of `size` bytes would grow past limits::kReplacedText by
/// `matches` replacements of `content` bytes: a chain of them could grow without end.
void check_growth(std::size_t size, std::size_t matches, std::size_t content);

/// `pattern` with every class that depends on the version of Unicode (\p{…}, \w, \d, \b, [:alpha:])
/// written out as the reference's expressions know it (Unicode 16.0), whatever the installed
/// Oniguruma knows.
std::string with_pinned_classes(std::string_view pattern);

}  // namespace typecase
