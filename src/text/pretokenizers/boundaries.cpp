#include "text/pretokenizers/boundaries.h"

#include "text/pretokenizers/scanners.h"

#include <algorithm>
#include <bit>

namespace typecase {
namespace {

using Bits = std::uint64_t;

/// Texts up to here are scanned: setting up rows of bits would cost more.
constexpr std::size_t kShort = 24;
/// A stretch is cut off at the first safe place after this many bytes, so that it stays in cache
/// and an odd character costs only its stretch the speed.
constexpr std::size_t kStretch = 2048;

/// Each bit is its left neighbour's (`next`: right neighbour's) in `rows`, across rows.
#define TYPECASE_PREVIOUS(member) (rows[i].member << 1 | rows[i - 1].member >> 63)
#define TYPECASE_NEXT(member) (rows[i].member >> 1 | rows[i + 1].member << 63)

/// `seeds` and the bits of `runs` that follow each without a gap. A seed begins its run.
Bits flood(Bits runs, Bits seeds) noexcept { return runs & ~(runs + seeds); }

void set(std::vector<Bits>& bits, std::size_t at) {
  if (at / 64 < bits.size()) bits[at / 64] |= Bits{1} << (at & 63);
}
void clear(std::vector<Bits>& bits, std::size_t at) { bits[at / 64] &= ~(Bits{1} << (at & 63)); }

/// The class of byte `at` of the text.   REQUIRES: at ≤ the text's size.
bool is(const std::vector<ClassBits>& rows, Bits ClassBits::* member, std::size_t at) {
  return rows[at / 64 + 1].*member >> (at & 63) & 1;
}

/// Calls f(position) for every bit, from left to right. f may change what lies to the right.
template <class F>
void each(Bits bits, std::size_t begin, const F& f) {
  for (; bits != 0; bits &= bits - 1) {
    f(begin + static_cast<std::size_t>(std::countr_zero(bits)));
  }
}

/// A number run's pieces of three characters.
void cut_thirds(const std::vector<ClassBits>& rows, std::size_t at, std::vector<Bits>& starts) {
  for (int characters = 0; is(rows, &ClassBits::number, at); ++at) {
    if (is(rows, &ClassBits::inner, at)) continue;
    if (characters == 3) {
      set(starts, at);
      characters = 0;
    }
    ++characters;
  }
}

/// White space behind the last line break of its run is a piece of its own: `at` is behind a line
/// break, and starts one if no other line break follows.
void cut_indent(const std::vector<ClassBits>& rows, std::size_t at, std::size_t size,
                std::vector<Bits>& starts) {
  std::size_t end = at;
  while (end < size && is(rows, &ClassBits::space, end)) {
    if (is(rows, &ClassBits::newline, end)) return;
    ++end;
  }
  set(starts, at);
}

/// A contraction of `length` bytes at `at` is one piece, or the end of one (`suffix`).
void cut_contraction(std::size_t at, std::size_t length, bool suffix, std::vector<Bits>& starts) {
  for (std::size_t i = suffix ? 0 : 1; i < length; ++i) clear(starts, at + i);
  set(starts, at + length);
}

/// R1. A space goes with what follows it; everything else is a run of one class.
void starts_gpt2(std::string_view text, const std::vector<ClassBits>& rows,
                 std::vector<Bits>& starts) {
  for (std::size_t i = 1; i + 1 < rows.size(); ++i) {
    const ClassBits& row = rows[i];
    const Bits free = ~TYPECASE_PREVIOUS(blank);
    starts[i - 1] = (row.space & ~(TYPECASE_PREVIOUS(space) & TYPECASE_NEXT(space))) |
                    (row.letter & ~TYPECASE_PREVIOUS(letter) & free) |
                    (row.number & ~TYPECASE_PREVIOUS(number) & free) |
                    (row.other & ~TYPECASE_PREVIOUS(other) & free);
  }
  for (std::size_t i = 0; i < starts.size(); ++i) {
    each(rows[i + 1].apostrophe & starts[i], i * 64, [&](std::size_t at) {
      const auto length = scanners::contraction(text, at);
      if (length != 0) cut_contraction(at, length, false, starts);
    });
  }
}

/// How the other families differ.
struct Rules {
  int digits;                     ///< most characters in a piece of numbers: 1 or 3
  bool contractions = false;      ///< are pieces
  bool suffixes = false;          ///< contractions go with the word before
  bool cased = false;             ///< a capital behind a small letter starts a piece
  bool ascii_prefix = false;      ///< punctuation goes with ASCII letters only
  bool numbers_end_text = false;  ///< numbers and cjk were cut out before
};

/// R2 and what came of it. A character that is no line break goes with the letters behind it, a
/// space with the punctuation behind it, line breaks with the punctuation before them.
void starts_words(const std::vector<ClassBits>& rows, const Rules& rules,
                  std::vector<Bits>& starts) {
  Bits carried_newlines = 0, carried_letters = 0;  // the runs go on from the row before
  Bits before_indent = 0, before_head = 0, before_white = 0;
  for (std::size_t i = 1; i + 1 < rows.size(); ++i) {
    const ClassBits& row = rows[i];
    const Bits taken =
        flood(row.newline, row.newline & (TYPECASE_PREVIOUS(other) | carried_newlines));
    const Bits white = row.space & ~taken;
    const Bits indent = white & ~row.newline;  // white space that may go with letters
    const Bits head = row.other & ~TYPECASE_PREVIOUS(other) & ~TYPECASE_PREVIOUS(blank);
    const Bits rest = row.other & row.inner;  // all bytes of the head's character but its first
    const Bits whole_head = head | flood(rest, rest & (head << 1 | before_head));
    const Bits follows_head = whole_head << 1 | before_head;
    const Bits ascii_letter = row.letter & ~row.wide;

    Bits prefixed = row.letter & (indent << 1 | before_indent);
    Bits cut_inside = 0;
    if (rules.ascii_prefix) {
      const Bits seeds = ascii_letter & follows_head & ~TYPECASE_PREVIOUS(wide);
      const Bits run = flood(ascii_letter, seeds | (ascii_letter & carried_letters));
      cut_inside = row.letter & row.wide & (run << 1 | carried_letters);
      carried_letters = run >> 63;
      prefixed |= seeds;
    } else {
      prefixed |= row.letter & follows_head;
    }
    if (rules.cased)
      cut_inside = row.upper & (TYPECASE_PREVIOUS(letter) & ~TYPECASE_PREVIOUS(upper));

    Bits text_follows = ~TYPECASE_NEXT(space);
    if (rules.numbers_end_text) text_follows &= ~(TYPECASE_NEXT(number) | TYPECASE_NEXT(cjk));
    const Bits white_start = white & ~(white << 1 | before_white);
    starts[i - 1] = white_start | (indent & text_follows) | head | cut_inside |
                    (row.letter & ~TYPECASE_PREVIOUS(letter) & ~prefixed) |
                    (row.number & ~TYPECASE_PREVIOUS(number)) | (row.cjk & ~TYPECASE_PREVIOUS(cjk));
    if (rules.digits == 1) starts[i - 1] |= row.number & ~row.inner;
    before_indent = indent >> 63;
    before_head = whole_head >> 63;
    before_white = white >> 63;
    carried_newlines = taken >> 63;
  }
}

void touch_up_words(std::string_view text, const std::vector<ClassBits>& rows, const Rules& rules,
                    std::vector<Bits>& starts) {
  std::size_t contracted = 0;  // where the last contraction ended
  for (std::size_t i = 1; i + 1 < rows.size(); ++i) {
    const std::size_t begin = (i - 1) * 64;
    const ClassBits& row = rows[i];
    const Bits indents = row.space & ~row.newline & TYPECASE_PREVIOUS(newline);
    each(indents & ~starts[i - 1], begin,
         [&](std::size_t at) { cut_indent(rows, at, text.size(), starts); });
    if (rules.digits == 3) {
      each(row.number & ~TYPECASE_PREVIOUS(number) & TYPECASE_NEXT(number), begin,
           [&](std::size_t at) { cut_thirds(rows, at, starts); });
    }
    if (rules.contractions || rules.suffixes) {
      const Bits where = rules.suffixes ? TYPECASE_PREVIOUS(letter) : starts[i - 1];
      each(row.apostrophe & where, begin, [&](std::size_t at) {
        if (rules.suffixes && at == contracted) return;
        const auto length = scanners::folded_contraction(text, at);
        if (length == 0) return;
        contracted = at + length;
        cut_contraction(at, length, rules.suffixes, starts);
      });
    }
  }
}

#undef TYPECASE_PREVIOUS
#undef TYPECASE_NEXT

/// A piece starts at the first byte of a character: the rule for the last character of a run of
/// white space finds its last byte.
void move_to_first_bytes(const std::vector<ClassBits>& rows, std::vector<Bits>& starts) {
  for (std::size_t i = 0; i < starts.size(); ++i) {
    each(starts[i] & rows[i + 1].inner, i * 64, [&](std::size_t at) {
      clear(starts, at);
      while (is(rows, &ClassBits::inner, at)) --at;
      set(starts, at);
    });
  }
}

ClassRules classes_of(PatternFamily family) {
  switch (family) {
    case PatternFamily::qwen35:
      return {.letters = unicode::kL | unicode::kM};
    case PatternFamily::o200k:
    case PatternFamily::tekken:
      // These count as capitals and as small letters, and the marks as punctuation besides.
      return {.odd = unicode::kM | unicode::kLm | unicode::kLo};
    case PatternFamily::deepseek_v3:
      return {.letters = unicode::kL | unicode::kM, .separates_cjk = true, .odd_unknown = true};
    default:
      return {};
  }
}

Rules rules_of(PatternFamily family) {
  switch (family) {
    case PatternFamily::llama3:
      return {.digits = 3, .contractions = true};
    case PatternFamily::o200k:
      return {.digits = 3, .suffixes = true, .cased = true};
    case PatternFamily::tekken:
      return {.digits = 1, .cased = true};
    case PatternFamily::deepseek_v3:
      return {.digits = 3, .ascii_prefix = true, .numbers_end_text = true};
    default:
      return {.digits = 1, .contractions = true};
  }
}

auto scanner_of(PatternFamily family) {
  switch (family) {
    case PatternFamily::gpt2:
      return scanners::gpt2;
    case PatternFamily::llama3:
      return scanners::llama3;
    case PatternFamily::qwen2:
      return scanners::qwen2;
    case PatternFamily::qwen35:
      return scanners::qwen35;
    case PatternFamily::o200k:
      return scanners::o200k;
    case PatternFamily::tekken:
      return scanners::tekken;
    case PatternFamily::deepseek_v3:
      break;
  }
  return scanners::deepseek_v3;
}

/// Whether a slash follows a line break: the patterns [\r\n/]* take it along, a rare thing that the
/// bit rules leave out.
bool slash_after_newline(std::string_view text) noexcept {
  return text.find("\n/") != std::string_view::npos || text.find("\r/") != std::string_view::npos;
}

/// Where a stretch of `text` may end without changing a piece: behind an ASCII character that is
/// no white space, in front of a space.
std::size_t safe_end(std::string_view text, std::size_t begin) noexcept {
  std::size_t at = begin + kStretch;
  while (at < text.size()) {
    at = text.find(' ', at);
    if (at == std::string_view::npos) break;
    const auto before = static_cast<unsigned char>(text[at - 1]);
    if (before > ' ' && before < 0x80) return at;
    ++at;
  }
  return text.size();
}

}  // namespace

BoundaryCutter::BoundaryCutter(PatternFamily family)
    : family_(family), rules_(classes_of(family)), scanner_(scanner_of(family)) {}

void BoundaryCutter::cut(std::string_view text, Piece piece, std::vector<Piece>& out) {
  const auto whole = text.substr(0, piece.end);
  for (std::size_t begin = piece.begin; begin < whole.size();) {
    const std::size_t end = safe_end(whole, begin);
    cut_stretch(whole.substr(begin, end - begin), static_cast<std::uint32_t>(begin), out);
    begin = end;
  }
}

void BoundaryCutter::cut_stretch(std::string_view text, std::uint32_t base,
                                 std::vector<Piece>& out) {
  const auto put = [&](std::size_t begin, std::size_t end) {
    out.push_back(
        {base + static_cast<std::uint32_t>(begin), base + static_cast<std::uint32_t>(end)});
  };
  const bool slashes = family_ == PatternFamily::o200k || family_ == PatternFamily::tekken;
  if (text.size() <= kShort || (slashes && slash_after_newline(text)) ||
      !classify(text, rules_, rows_)) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = scanner_(text, at);
      put(at, end);
      at = end;
    }
    return;
  }
  starts_.assign(rows_.size() - 2, 0);
  if (family_ == PatternFamily::gpt2) {
    starts_gpt2(text, rows_, starts_);
  } else {
    const Rules rules = rules_of(family_);
    starts_words(rows_, rules, starts_);
    touch_up_words(text, rows_, rules, starts_);
  }
  move_to_first_bytes(rows_, starts_);
  std::size_t begin = 0;
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    each(starts_[i], i * 64, [&](std::size_t at) {
      if (at == 0 || at >= text.size()) return;
      put(begin, at);
      begin = at;
    });
  }
  put(begin, text.size());
}

}  // namespace typecase
