#include "text/pretokenizers/class_bits.h"

#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace typecase {
namespace {

#if defined(__SSE2__)

/// 16 bytes; a comparison gives one bit a byte.
struct Bytes16 {
  __m128i v;

  static Bytes16 load(const char* at) noexcept {
    return {_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))};
  }
  static std::uint64_t bits(__m128i mask) noexcept {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(mask)));
  }
  std::uint64_t is(char c) const noexcept { return bits(_mm_cmpeq_epi8(v, _mm_set1_epi8(c))); }
  /// first ≤ byte ≤ last, for ASCII bounds: signed comparison keeps bytes beyond ASCII out.
  std::uint64_t in(char first, char last) const noexcept {
    const auto above = _mm_cmpgt_epi8(v, _mm_set1_epi8(static_cast<char>(first - 1)));
    const auto below = _mm_cmplt_epi8(v, _mm_set1_epi8(static_cast<char>(last + 1)));
    return bits(_mm_and_si128(above, below));
  }
  std::uint64_t lower_in(char first, char last) const noexcept {
    return Bytes16{_mm_or_si128(v, _mm_set1_epi8(0x20))}.in(first, last);
  }
  std::uint64_t high() const noexcept { return bits(v); }
  std::uint64_t inner() const noexcept {
    return bits(_mm_cmplt_epi8(v, _mm_set1_epi8(static_cast<char>(0xC0))));
  }
};
constexpr int kStep = 16;
using Bytes = Bytes16;

#else

/// One byte, where there are no vectors.
struct Bytes1 {
  unsigned char v;

  static Bytes1 load(const char* at) noexcept { return {static_cast<unsigned char>(*at)}; }
  std::uint64_t is(char c) const noexcept { return v == static_cast<unsigned char>(c); }
  std::uint64_t in(unsigned char first, unsigned char last) const noexcept {
    return v >= first && v <= last;
  }
  std::uint64_t lower_in(unsigned char first, unsigned char last) const noexcept {
    return (v | 0x20) >= first && (v | 0x20) <= last;
  }
  std::uint64_t high() const noexcept { return v >> 7; }
  std::uint64_t inner() const noexcept { return (v & 0xC0) == 0x80; }
};
constexpr int kStep = 1;
using Bytes = Bytes1;

#endif

/// The ASCII part of a row; bytes beyond ASCII only show in `wide` and `inner`.
void classify_ascii(const char* at, ClassBits& row) noexcept {
  ClassBits add;
  for (int i = 0; i < 64; i += kStep) {
    const auto bytes = Bytes::load(at + i);
    add.letter |= bytes.lower_in('a', 'z') << i;
    add.upper |= bytes.in('A', 'Z') << i;
    add.number |= bytes.in('0', '9') << i;
    add.space |= bytes.in(9, 13) << i;
    add.newline |= (bytes.is('\n') | bytes.is('\r')) << i;
    add.blank |= bytes.is(' ') << i;
    add.apostrophe |= bytes.is('\'') << i;
    add.wide |= bytes.high() << i;
    add.inner |= bytes.inner() << i;
  }
  add.space |= add.blank;
  row.letter |= add.letter;
  row.upper |= add.upper;
  row.number |= add.number;
  row.space |= add.space;
  row.newline |= add.newline;
  row.blank |= add.blank;
  row.apostrophe |= add.apostrophe;
  row.wide |= add.wide;
  row.inner |= add.inner;
  row.other |= ~(add.letter | add.number | add.space | add.wide);
}

/// Whether there are ASCII characters of no class among the 64: controls that are no white space.
bool has_controls(const char* at) noexcept {
  std::uint64_t found = 0;
  for (int i = 0; i < 64; i += kStep) {
    const auto bytes = Bytes::load(at + i);
    found |= bytes.in(0, 8) | bytes.in(14, 31) | bytes.is(127);
  }
  return found != 0;
}

/// The member of a row that a character's bytes set, nullptr for odd ones.
std::uint64_t ClassBits::* member_for(char32_t c, unicode::Set sets, const ClassRules& rules) {
  if (rules.separates_cjk && is_cjk(c)) return &ClassBits::cjk;
  if (sets & rules.odd) return nullptr;
  if (sets & rules.letters) return &ClassBits::letter;
  if (sets & unicode::kN) return &ClassBits::number;
  if (sets & unicode::kWhiteSpace) return &ClassBits::space;
  if (rules.odd_unknown && !(sets & (unicode::kL | unicode::kM | unicode::kP | unicode::kS))) {
    return nullptr;
  }
  return &ClassBits::other;
}

/// Gives the characters beyond ASCII that begin in `row` their classes; their last bytes may lie in
/// the row after it.
bool classify_wide(std::string_view text, std::size_t begin, const ClassRules& rules,
                   ClassBits* row) noexcept {
  for (std::uint64_t leads = row->wide & ~row->inner; leads != 0; leads &= leads - 1) {
    const int at = std::countr_zero(leads);
    const auto c = decode_utf8(text, begin + static_cast<std::size_t>(at));
    const auto sets = unicode::sets_of(c.code_point);
    const auto member = member_for(c.code_point, sets, rules);
    if (member == nullptr) return false;
    const std::uint64_t ones = (std::uint64_t{1} << c.size) - 1;
    const int rest = at + static_cast<int>(c.size) - 64;
    const auto set = [&](std::uint64_t ClassBits::* which) {
      row[0].*which |= ones << at;
      if (rest > 0) row[1].*which |= ones >> (static_cast<int>(c.size) - rest);
    };
    set(member);
    if (sets & (unicode::kLu | unicode::kLt)) set(&ClassBits::upper);
  }
  return true;
}

}  // namespace

bool classify(std::string_view text, const ClassRules& rules, std::vector<ClassBits>& out) {
  const std::size_t rows = (text.size() + 63) / 64;
  out.assign(rows + 3, {});
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t begin = i * 64;
    ClassBits& row = out[i + 1];
    const std::size_t size = std::min<std::size_t>(64, text.size() - begin);
    const char* bytes = text.data() + begin;
    std::array<char, 64> last;
    if (size < 64) {
      last.fill(' ');
      std::memcpy(last.data(), bytes, size);
      bytes = last.data();
    }
    classify_ascii(bytes, row);
    if (size < 64) row.blank &= (std::uint64_t{1} << size) - 1;
    if (rules.odd_unknown && has_controls(bytes)) return false;
    if (row.wide != 0 && !classify_wide(text, begin, rules, &row)) return false;
  }
  out[rows + 1] = {};
  out[rows + 1].space = ~std::uint64_t{0};
  out.resize(rows + 2);
  return true;
}

}  // namespace typecase
