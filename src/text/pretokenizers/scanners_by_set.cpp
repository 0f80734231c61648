/// The scanners whose patterns name general categories; they read like their patterns.
#include "base/unicode.h"
#include "base/utf8.h"
#include "text/pretokenizers/class_bits.h"
#include "text/pretokenizers/scanners.h"

namespace typecase::scanners {
namespace {

using unicode::Set;

constexpr Set kUpper = unicode::kLu | unicode::kLt | unicode::kLm | unicode::kLo | unicode::kM;
constexpr Set kLower = unicode::kLl | unicode::kLm | unicode::kLo | unicode::kM;
constexpr std::size_t kNone = ~std::size_t{0};

/// A text and the questions patterns ask of it. Behind the end stands a character of no set.
struct Text {
  std::string_view s;
  bool in_parts = false;  ///< the text also ends in front of numbers and of cjk

  std::size_t size_at(std::size_t at) const noexcept { return decode_utf8(s, at).size; }
  bool ends(std::size_t at) const noexcept {
    if (at >= s.size()) return true;
    if (!in_parts) return false;
    const char32_t c = decode_utf8(s, at).code_point;
    return is_cjk(c) || unicode::is(c, unicode::kN);
  }
  Set sets_at(std::size_t at) const noexcept {
    return ends(at) ? 0 : unicode::sets_of(decode_utf8(s, at).code_point);
  }
  bool is(std::size_t at, Set sets) const noexcept { return (sets_at(at) & sets) != 0; }
  bool is_newline(std::size_t at) const noexcept {
    return at < s.size() && (s[at] == '\r' || s[at] == '\n');
  }
  /// The end of the characters from `at` on that are in `sets`.
  std::size_t run(std::size_t at, Set sets) const noexcept {
    while (is(at, sets)) at += size_at(at);
    return at;
  }
  /// … that are not.
  std::size_t run_of_others(std::size_t at, Set sets) const noexcept {
    while (at < s.size() && !is(at, sets)) at += size_at(at);
    return at;
  }
};

/// U*W+ ; kNone when it does not match. U* is greedy: where no W follows, it gives back characters
/// up to its last one that is of W too.
std::size_t upper_lower(const Text& t, std::size_t at) noexcept {
  std::size_t end = at, shared = kNone;
  for (; t.is(end, kUpper); end += t.size_at(end)) {
    if (t.is(end, kLower)) shared = end;
  }
  if (t.is(end, kLower)) return t.run(end, kLower);
  return shared == kNone ? kNone : t.run(shared, kLower);
}

/// U+W*
std::size_t upper(const Text& t, std::size_t at) noexcept {
  const std::size_t end = t.run(at, kUpper);
  return end == at ? kNone : t.run(end, kLower);
}

/// [^\r\n\p{L}\p{N}]?X : with the character in front if that leads to a match, else without.
template <class Match>
std::size_t prefixed(const Text& t, std::size_t at, const Match& match) noexcept {
  if (!t.is_newline(at) && !t.is(at, unicode::kL | unicode::kN)) {
    const std::size_t end = match(t, at + t.size_at(at));
    if (end != kNone) return end;
  }
  return match(t, at);
}

/// \s*[\r\n]+|\s+(?!\S)|\s+ at white space.
std::size_t white(const Text& t, std::size_t at) noexcept {
  std::size_t end = at, last = at, newlines_end = 0;
  while (t.is(end, unicode::kWhiteSpace)) {
    last = end;
    end += t.size_at(end);
    if (t.is_newline(last)) newlines_end = end;
  }
  if (newlines_end != 0) return newlines_end;
  return t.ends(end) || last == at ? end : last;
}

/// \p{N}{1,most}
std::size_t numbers(const Text& t, std::size_t at, int most) noexcept {
  for (int i = 0; i < most && t.is(at, unicode::kN); ++i) at += t.size_at(at);
  return at;
}

template <int kNumbers, bool kContractions>
std::size_t cased(std::string_view s, std::size_t at) noexcept {
  const Text t{s};
  std::size_t end = prefixed(t, at, upper_lower);
  if (end == kNone) end = prefixed(t, at, upper);
  if (end != kNone) {
    const bool apostrophe = kContractions && end < s.size() && s[end] == '\'';
    return apostrophe ? end + folded_contraction(s, end) : end;
  }
  if (t.is(at, unicode::kN)) return numbers(t, at, kNumbers);
  constexpr Set kRest = unicode::kWhiteSpace | unicode::kL | unicode::kN;
  const std::size_t first = s[at] == ' ' ? at + 1 : at;
  end = t.run_of_others(first, kRest);
  if (end != first) {
    while (end < s.size() && (t.is_newline(end) || s[end] == '/')) ++end;
    return end;
  }
  return white(t, at);
}

bool is_ascii_letter(std::string_view s, std::size_t at) noexcept {
  return at < s.size() && ((s[at] | 0x20) >= 'a' && (s[at] | 0x20) <= 'z');
}

}  // namespace

std::size_t o200k(std::string_view s, std::size_t at) noexcept { return cased<3, true>(s, at); }

std::size_t tekken(std::string_view s, std::size_t at) noexcept { return cased<1, false>(s, at); }

namespace {

constexpr Set kWord = unicode::kL | unicode::kM;
constexpr Set kMarks = unicode::kP | unicode::kS;

/// The end of a match of the third pattern at `at`, kNone when there is none.
std::size_t deepseek_match(const Text& t, std::size_t at) noexcept {
  const std::string_view s = t.s;
  const auto first = static_cast<unsigned char>(s[at]);
  const bool ascii_mark = first < 0x80 && t.is(at, kMarks);
  if (ascii_mark && is_ascii_letter(s, at + 1)) {
    std::size_t end = at + 1;
    while (is_ascii_letter(s, end)) ++end;
    return end;
  }
  if (!t.is_newline(at) && !t.is(at, unicode::kL | kMarks)) {
    const std::size_t next = at + t.size_at(at);
    if (t.is(next, kWord)) return t.run(next, kWord);
  }
  if (t.is(at, kWord)) return t.run(at, kWord);
  const std::size_t mark = first == ' ' ? at + 1 : at;
  if (t.is(mark, kMarks)) {
    std::size_t end = t.run(mark, kMarks);
    while (t.is_newline(end)) ++end;
    return end;
  }
  return t.is(at, unicode::kWhiteSpace) ? white(t, at) : kNone;
}

}  // namespace

std::size_t deepseek_v3(std::string_view s, std::size_t at) noexcept {
  const Text all{s};
  if (all.is(at, unicode::kN)) return numbers(all, at, 3);
  if (is_cjk(decode_utf8(s, at).code_point)) {
    while (at < s.size() && is_cjk(decode_utf8(s, at).code_point)) at += all.size_at(at);
    return at;
  }
  const Text part{s, true};
  std::size_t end = deepseek_match(part, at);
  if (end != kNone) return end;
  // What nothing matches is a piece, up to the next match.
  end = at;
  do {
    end += part.size_at(end);
  } while (!part.ends(end) && deepseek_match(part, end) == kNone);
  return end;
}

}  // namespace typecase::scanners
