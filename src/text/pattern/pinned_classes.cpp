#include "base/unicode.h"
#include "text/pattern/pattern.h"
#include "text/unicode/property.h"

#include <array>
#include <cstdio>

namespace typecase {
namespace {

void append_range(std::string& out, char32_t first, char32_t last) {
  std::array<char, 32> text;
  const int size = first == last
                       ? std::snprintf(text.data(), text.size(), "\\x{%X}", unsigned(first))
                       : std::snprintf(text.data(), text.size(), "\\x{%X}-\\x{%X}", unsigned(first),
                                       unsigned(last));
  out.append(text.data(), static_cast<std::size_t>(size));
}

/// The ranges of `members`, or of everything else, as the inside of a bracket expression.
std::string ranges_of(std::span<const unicode::Range> members, bool negated) {
  std::string out;
  if (!negated) {
    for (const auto range : members) append_range(out, range.first, range.last);
    return out;
  }
  char32_t next = 0;
  for (const auto range : members) {
    if (range.first > next && next != 0xD800) append_range(out, next, range.first - 1);
    next = range.last + 1;  // surrogates alone are no range: no text holds them
  }
  if (next <= 0x10FFFF) append_range(out, next, 0x10FFFF);
  return out;
}

/// Rewrites a pattern from left to right. Inside brackets a class becomes its ranges, outside a
/// bracket expression of its own.
class Rewrite {
 public:
  explicit Rewrite(std::string_view pattern)
      : in_(pattern), folds_(pattern.find("(?") != std::string_view::npos) {}

  std::string run() {
    while (at_ < in_.size()) {
      if (in_[at_] == '\\' && at_ + 1 < in_.size()) {
        escape();
      } else if (in_[at_] == '[') {
        bracket();
      } else {
        if (in_[at_] == ']' && depth_ > 0) --depth_;
        out_ += in_[at_++];
      }
    }
    return std::move(out_);
  }

 private:
  void bracket() {
    if (depth_ > 0 && in_.substr(at_).starts_with("[:")) {
      const auto end = in_.find(":]", at_ + 2);
      if (end != std::string_view::npos) {
        auto name = in_.substr(at_ + 2, end - at_ - 2);
        const bool negated = name.starts_with('^');
        if (negated) name.remove_prefix(1);
        if (put("posix:" + std::string(name), negated)) {
          at_ = end + 2;
          return;
        }
      }
    }
    ++depth_;
    out_ += in_[at_++];
    if (at_ < in_.size() && in_[at_] == '^') out_ += in_[at_++];
    // A bracket that closes at once is an ordinary character.
    if (at_ < in_.size() && in_[at_] == ']') out_ += in_[at_++];
  }

  void escape() {
    const char kind = in_[at_ + 1];
    const bool in_brackets = depth_ > 0;
    if (kind == 'p' || kind == 'P') {
      const auto end = in_.find('}', at_);
      if (in_.substr(at_ + 2).starts_with('{') && end != std::string_view::npos) {
        auto name = in_.substr(at_ + 3, end - at_ - 3);
        bool negated = kind == 'P';
        if (name.starts_with('^')) {
          negated = !negated;
          name.remove_prefix(1);
        }
        if (put(std::string(name), negated)) {
          at_ = end + 1;
          return;
        }
      }
    } else if ((kind == 'w' || kind == 'W') &&
               put(in_brackets ? "posix:word" : "word", kind == 'W')) {
      at_ += 2;
      return;
    } else if ((kind == 'd' || kind == 'D') && put("posix:digit", kind == 'D')) {
      at_ += 2;
      return;
    } else if ((kind == 'b' || kind == 'B') && !in_brackets) {
      const std::string word = "[" + ranges_of(*unicode::property("word"), false) + "]";
      out_ += kind == 'b'
                  ? "(?:(?<=" + word + ")(?!" + word + ")|(?<!" + word + ")(?=" + word + "))"
                  : "(?:(?<=" + word + ")(?=" + word + ")|(?<!" + word + ")(?!" + word + "))";
      at_ += 2;
      return;
    }
    out_ += in_.substr(at_, 2);
    at_ += 2;
  }

  /// False for names that the tables do not have: Oniguruma then says what it thinks of them.
  bool put(const std::string& name, bool negated) {
    const auto members = unicode::property(name);
    if (!members) return false;
    const std::string ranges = ranges_of(*members, negated);
    if (ranges.empty()) return false;
    if (depth_ > 0) {
      out_ += ranges;
    } else {
      // A class outside brackets does not fold case; a bracket expression would.
      out_ += folds_ ? "(?-i:[" + ranges + "])" : "[" + ranges + "]";
    }
    return true;
  }

  std::string_view in_;
  bool folds_;
  std::string out_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

/// Options that make \w, \d and their kind mean ASCII: such patterns are left alone.
bool has_ascii_options(std::string_view pattern) {
  for (auto at = pattern.find("(?"); at != std::string_view::npos;
       at = pattern.find("(?", at + 1)) {
    for (std::size_t i = at + 2; i < pattern.size(); ++i) {
      const char c = pattern[i];
      if (c == 'W' || c == 'D' || c == 'S' || c == 'P' || c == 'y') return true;
      if (c != 'i' && c != 'm' && c != 'x' && c != '-' && c != 'a') break;
    }
  }
  return false;
}

}  // namespace

std::string with_pinned_classes(std::string_view pattern) {
  return has_ascii_options(pattern) ? std::string(pattern) : Rewrite(pattern).run();
}

}  // namespace typecase
