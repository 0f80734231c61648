#include "text/pretokenizers/scanners.h"

#include "base/unicode.h"

#include <array>

namespace typecase::scanners {
namespace {

enum Class : std::uint8_t { kOther = 0, kLetter = 1, kNumber = 2, kSpace = 4, kNewline = 12 };

struct Char {
  Class cls;
  std::uint8_t size;
};

constexpr std::array<Class, 128> make_ascii() {
  std::array<Class, 128> out{};
  for (std::size_t c = 0; c < 128; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool number = c >= '0' && c <= '9';
    const bool newline = c == '\n' || c == '\r';
    const bool space = c == ' ' || (c >= 9 && c <= 13);
    out[c] = letter ? kLetter : number ? kNumber : newline ? kNewline : space ? kSpace : kOther;
  }
  return out;
}
constexpr auto kAscii = make_ascii();

/// The code point at `at` of valid UTF-8.
inline char32_t wide(std::string_view s, std::size_t at, std::uint8_t& size) noexcept {
  const auto byte = [&](std::size_t i) -> char32_t {
    return static_cast<unsigned char>(s[at + i]);
  };
  if (byte(0) < 0xE0) {
    size = 2;
    return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
  }
  if (byte(0) < 0xF0) {
    size = 3;
    return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
  }
  size = 4;
  return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
}

template <unicode::Set kLetters = unicode::kL>
inline Char char_at(std::string_view s, std::size_t at) noexcept {
  const auto first = static_cast<unsigned char>(s[at]);
  if (first < 128) [[likely]]
    return {kAscii[first], 1};
  std::uint8_t size;
  const auto sets = unicode::sets_of(wide(s, at, size));
  if (sets & kLetters) return {kLetter, size};
  if (sets & unicode::kN) return {kNumber, size};
  if (sets & unicode::kWhiteSpace) return {kSpace, size};
  return {kOther, size};
}

/// The end of the run of characters of class `cls` that starts at `at`.
template <unicode::Set kLetters = unicode::kL>
inline std::size_t run(std::string_view s, std::size_t at, Class cls) noexcept {
  while (at < s.size()) {
    const Char c = char_at<kLetters>(s, at);
    if (c.cls != cls) break;
    at += c.size;
  }
  return at;
}

struct SpaceRun {
  std::size_t end;           ///< of the run
  std::size_t last;          ///< where its last character begins
  std::size_t newlines_end;  ///< behind its last \r or \n; 0 when it has none
};

inline SpaceRun space_run(std::string_view s, std::size_t at) noexcept {
  SpaceRun out{at, at, 0};
  while (out.end < s.size()) {
    const Char c = char_at(s, out.end);
    if (!(c.cls & kSpace)) break;
    out.last = out.end;
    out.end += c.size;
    if (c.cls == kNewline) out.newlines_end = out.end;
  }
  return out;
}

/// \s+(?!\S)|\s+ : a run followed by text gives back its last character, unless it is the only one.
inline std::size_t spaces(std::string_view s, std::size_t at, const SpaceRun& r) noexcept {
  return r.end == s.size() || r.last == at ? r.end : r.last;
}

/// \p{N}{1,most}
inline std::size_t numbers(std::string_view s, std::size_t at, int most) noexcept {
  for (int i = 0; i < most && at < s.size(); ++i) {
    const Char c = char_at(s, at);
    if (c.cls != kNumber) break;
    at += c.size;
  }
  return at;
}

}  // namespace

std::size_t contraction(std::string_view s, std::size_t at) noexcept {
  if (at + 1 >= s.size()) return 0;
  const char a = s[at + 1];
  if (a == 's' || a == 't' || a == 'm' || a == 'd') return 2;
  if (at + 2 >= s.size()) return 0;
  const char b = s[at + 2];
  return ((a == 'r' || a == 'v') && b == 'e') || (a == 'l' && b == 'l') ? 3 : 0;
}

std::size_t folded_contraction(std::string_view s, std::size_t at) noexcept {
  if (at + 1 >= s.size()) return 0;
  const auto lower = [&](std::size_t i) { return static_cast<char>(s[i] | 0x20); };
  const char a = lower(at + 1);
  if (a == 's' || a == 't' || a == 'm' || a == 'd') return 2;
  if (at + 2 >= s.size()) return 0;
  if (s.substr(at + 1, 2) == "\u017F") return 3;
  const char b = lower(at + 2);
  return ((a == 'r' || a == 'v') && b == 'e') || (a == 'l' && b == 'l') ? 3 : 0;
}

namespace {

template <int kNumbers, unicode::Set kLetters = unicode::kL>
inline std::size_t cl100k_like(std::string_view s, std::size_t at) noexcept {
  const Char c = char_at<kLetters>(s, at);
  if (c.cls == kLetter) return run<kLetters>(s, at + c.size, kLetter);
  if (c.cls == kNumber) return numbers(s, at, kNumbers);
  if (s[at] == '\'') {
    if (const std::size_t n = folded_contraction(s, at)) return at + n;
  }
  const std::size_t next = at + c.size;
  const Char follower = next < s.size() ? char_at<kLetters>(s, next) : Char{kSpace, 0};
  if (c.cls != kNewline && follower.cls == kLetter)
    return run<kLetters>(s, next + follower.size, kLetter);
  if (c.cls == kOther || (s[at] == ' ' && follower.cls == kOther)) {
    std::size_t end = run<kLetters>(s, next, kOther);
    while (end < s.size() && (s[end] == '\r' || s[end] == '\n')) ++end;
    return end;
  }
  const SpaceRun r = space_run(s, at);
  return r.newlines_end != 0 ? r.newlines_end : spaces(s, at, r);
}

}  // namespace

std::size_t gpt2(std::string_view s, std::size_t at) noexcept {
  Char c = char_at(s, at);
  if (s[at] == ' ' && at + 1 < s.size()) {
    const Char next = char_at(s, at + 1);
    if (!(next.cls & kSpace)) return run(s, at + 1 + next.size, next.cls);
  } else if (s[at] == '\'') {
    if (const std::size_t n = contraction(s, at)) return at + n;
  }
  if (!(c.cls & kSpace)) return run(s, at + c.size, c.cls);
  return spaces(s, at, space_run(s, at));
}

std::size_t llama3(std::string_view s, std::size_t at) noexcept { return cl100k_like<3>(s, at); }

std::size_t qwen2(std::string_view s, std::size_t at) noexcept { return cl100k_like<1>(s, at); }

std::size_t qwen35(std::string_view s, std::size_t at) noexcept {
  return cl100k_like < 1, unicode::kL | unicode::kM > (s, at);
}

}  // namespace typecase::scanners
