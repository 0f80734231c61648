#include "text/unicode/grapheme.h"

#include "base/utf8.h"

namespace typecase::unicode {
namespace {

// In the order of tools/make_text_tables.py.
enum Class : std::uint8_t {
  kOther,
  kCr,
  kLf,
  kControl,
  kExtend,
  kZwj,
  kRegional,
  kPrepend,
  kSpacing,
  kL,
  kV,
  kT,
  kLv,
  kLvt
};
constexpr std::uint8_t kPictographic = 16, kConsonant = 32, kLinker = 64, kConjunctExtend = 128;

std::uint8_t record_of(char32_t c) noexcept {
  return tables::kGraphemeClasses[tables::kGraphemeBlocks[c >> 7] * 128u + (c & 127)];
}

/// What of the cluster so far the rules ask about.
struct Cluster {
  int regionals = 0;
  bool pictograph = false;  // a pictograph, then only Extend (GB11)
  bool consonant = false;   // a consonant, then only linkers and extenders (GB9c)
  bool linker = false;      // … at least one linker among them

  void take(std::uint8_t record) noexcept {
    const auto c = record & 15;
    regionals = c == kRegional ? regionals + 1 : 0;
    if (record & kPictographic) {
      pictograph = true;
    } else if (c != kExtend && c != kZwj) {
      pictograph = false;
    }
    if (record & kConsonant) {
      consonant = true;
      linker = false;
    } else if (record & kLinker) {
      linker = true;
    } else if (!(record & kConjunctExtend)) {
      consonant = false;
    }
  }
};

bool hangul_joins(int a, int b) noexcept {
  if (a == kL) return b == kL || b == kV || b == kLv || b == kLvt;
  if (a == kLv || a == kV) return b == kV || b == kT;
  return (a == kLvt || a == kT) && b == kT;
}

bool joins(std::uint8_t left, std::uint8_t right, const Cluster& cluster) noexcept {
  const int a = left & 15, b = right & 15;
  if (a == kCr) return b == kLf;
  if (a == kLf || a == kControl || b == kCr || b == kLf || b == kControl) return false;
  if (hangul_joins(a, b)) return true;
  if (b == kExtend || b == kZwj || b == kSpacing || a == kPrepend) return true;
  if (cluster.consonant && cluster.linker && (right & kConsonant)) return true;
  if (cluster.pictograph && a == kZwj && (right & kPictographic)) return true;
  return a == kRegional && b == kRegional && cluster.regionals % 2 == 1;
}

}  // namespace

std::size_t end_of_grapheme(std::string_view text, std::size_t at) noexcept {
  const auto first = decode_utf8(text, at);
  std::uint8_t left = record_of(first.code_point);
  Cluster cluster;
  cluster.take(left);
  at += first.size;
  while (at < text.size()) {
    const auto next = decode_utf8(text, at);
    const std::uint8_t right = record_of(next.code_point);
    if (!joins(left, right, cluster)) break;
    cluster.take(right);
    left = right;
    at += next.size;
  }
  return at;
}

}  // namespace typecase::unicode
