#include "text/chat/characters.h"

#include "base/utf8.h"
#include "text/chat/characters_table.h"

#include <algorithm>
#include <span>

namespace typecase::chat {
namespace {

bool in(const table::Range* ranges, std::size_t size, char32_t c) noexcept {
  const auto* end = ranges + size;
  const auto* found = std::partition_point(ranges, end, [&](const auto& r) { return r.last < c; });
  return found != end && found->first <= c;
}

struct Mapping {
  std::span<const table::Run> runs;
  std::span<const table::Longer> longer;
};

const Mapping kUpperMap{{table::kToUpper, table::kToUpperSize},
                        {table::kToUpperLonger, table::kToUpperLongerSize}};
const Mapping kLowerMap{{table::kToLower, table::kToLowerSize},
                        {table::kToLowerLonger, table::kToLowerLongerSize}};
const Mapping kTitleMap{{table::kToTitle, table::kToTitleSize},
                        {table::kToTitleLonger, table::kToTitleLongerSize}};
const Mapping kFoldMap{{table::kToFolded, table::kToFoldedSize},
                       {table::kToFoldedLonger, table::kToFoldedLongerSize}};

void append_mapped(std::string& out, char32_t c, const Mapping& map) {
  const auto longer = std::partition_point(map.longer.begin(), map.longer.end(),
                                           [&](const auto& l) { return l.from < c; });
  if (longer != map.longer.end() && longer->from == c) {
    for (const char32_t to : longer->to) {
      if (to != 0) append_utf8(out, to);
    }
    return;
  }
  const auto run = std::partition_point(map.runs.begin(), map.runs.end(),
                                        [&](const auto& r) { return r.last < c; });
  if (run != map.runs.end() && run->first <= c && (c - run->first) % run->step == 0) {
    c = static_cast<char32_t>(static_cast<std::int32_t>(c) + run->delta);
  }
  append_utf8(out, c);
}

std::string mapped(std::string_view text, const Mapping& map) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Char c = decode_utf8(text, i);
    append_mapped(out, c.code_point, map);
    i += c.size;
  }
  return out;
}

/// A capital sigma at a word's end: a cased letter before it and none behind, whatever has no case
/// of its own left aside.
bool is_final_sigma(std::string_view text, std::size_t at, std::size_t size) {
  bool before = false;
  for (std::size_t i = at; i > 0;) {
    do --i;
    while (i > 0 && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80);
    const char32_t c = decode_utf8(text, i).code_point;
    if (is_case_ignorable(c)) continue;
    before = is_cased(c);
    break;
  }
  if (!before) return false;
  for (std::size_t i = at + size; i < text.size();) {
    const Utf8Char c = decode_utf8(text, i);
    if (!is_case_ignorable(c.code_point)) return !is_cased(c.code_point);
    i += c.size;
  }
  return true;
}

void append_lower(std::string& out, std::string_view text, std::size_t at, const Utf8Char& c) {
  constexpr char32_t kCapitalSigma = 0x3A3, kFinalSigma = 0x3C2;
  if (c.code_point == kCapitalSigma && is_final_sigma(text, at, c.size)) {
    append_utf8(out, kFinalSigma);
  } else {
    append_mapped(out, c.code_point, kLowerMap);
  }
}

}  // namespace

bool is_space(char32_t c) noexcept {
  if (c < 0x80) return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F);
  return in(table::kSpace, table::kSpaceSize, c);
}
bool is_alpha(char32_t c) noexcept { return in(table::kAlpha, table::kAlphaSize, c); }
bool is_decimal(char32_t c) noexcept { return in(table::kDecimal, table::kDecimalSize, c); }
bool is_digit(char32_t c) noexcept { return in(table::kDigit, table::kDigitSize, c); }
bool is_numeric(char32_t c) noexcept { return in(table::kNumeric, table::kNumericSize, c); }
bool is_lower(char32_t c) noexcept { return in(table::kLower, table::kLowerSize, c); }
bool is_upper(char32_t c) noexcept { return in(table::kUpper, table::kUpperSize, c); }
bool is_title(char32_t c) noexcept { return in(table::kTitle, table::kTitleSize, c); }
bool is_cased(char32_t c) noexcept { return is_lower(c) || is_upper(c) || is_title(c); }
bool is_case_ignorable(char32_t c) noexcept {
  return in(table::kCaseIgnorable, table::kCaseIgnorableSize, c);
}
bool is_printable(char32_t c) noexcept {
  if (c < 0x7f) return c >= 0x20;
  return in(table::kPrintable, table::kPrintableSize, c);
}
bool is_identifier_start(char32_t c) noexcept {
  return in(table::kIdentifierStart, table::kIdentifierStartSize, c);
}
bool is_identifier_part(char32_t c) noexcept {
  return in(table::kIdentifierPart, table::kIdentifierPartSize, c);
}

// Decimal digits stand in runs of ten; runs that touch make a range of a multiple of ten.
int decimal_value(char32_t c) noexcept {
  const auto* end = table::kDecimal + table::kDecimalSize;
  const auto* found =
      std::partition_point(table::kDecimal, end, [&](const auto& r) { return r.last < c; });
  if (found == end || found->first > c) return -1;
  return static_cast<int>((c - found->first) % 10);
}

std::string to_upper(std::string_view text) { return mapped(text, kUpperMap); }
std::string fold_case(std::string_view text) { return mapped(text, kFoldMap); }

std::string to_lower(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Char c = decode_utf8(text, i);
    append_lower(out, text, i, c);
    i += c.size;
  }
  return out;
}

std::string to_title(std::string_view text) {
  std::string out;
  bool inside = false;  // behind a cased letter
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Char c = decode_utf8(text, i);
    if (inside) {
      append_lower(out, text, i, c);
    } else {
      append_mapped(out, c.code_point, kTitleMap);
    }
    inside = is_cased(c.code_point);
    i += c.size;
  }
  return out;
}

std::string capitalize(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Char c = decode_utf8(text, i);
    if (i == 0) {
      append_mapped(out, c.code_point, kTitleMap);
    } else {
      append_lower(out, text, i, c);
    }
    i += c.size;
  }
  return out;
}

std::string swap_case(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Char c = decode_utf8(text, i);
    if (is_upper(c.code_point)) {
      append_lower(out, text, i, c);
    } else if (is_lower(c.code_point)) {
      append_mapped(out, c.code_point, kUpperMap);
    } else {
      append_utf8(out, c.code_point);
    }
    i += c.size;
  }
  return out;
}

std::string_view strip_left(std::string_view text) noexcept {
  while (!text.empty()) {
    const Utf8Char c = decode_utf8(text, 0);
    if (!is_space(c.code_point)) break;
    text.remove_prefix(c.size);
  }
  return text;
}

std::string_view strip_right(std::string_view text) noexcept {
  while (!text.empty()) {
    std::size_t last = text.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80) --last;
    if (!is_space(decode_utf8(text, last).code_point)) break;
    text.remove_suffix(text.size() - last);
  }
  return text;
}

}  // namespace typecase::chat
