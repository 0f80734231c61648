#include "columns.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace typecase::cli {
namespace {

struct Character {
  char32_t code;
  std::string_view bytes;
};

/// Takes the first character off `text`. REQUIRES: valid UTF-8, not empty.
Character take(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  const std::string_view bytes = text.substr(0, size);
  char32_t code = size == 1 ? first : static_cast<char32_t>(first & (0xFF >> (size + 1)));
  for (std::size_t i = 1; i < bytes.size(); ++i) {
    code = (code << 6) | (static_cast<unsigned char>(bytes[i]) & 0x3F);
  }
  text.remove_prefix(bytes.size());
  return {code, bytes};
}

using Range = std::pair<char32_t, char32_t>;

bool within(char32_t code, const auto& ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [code](const Range& r) { return code >= r.first && code <= r.second; });
}

// The blocks that matter for text, not the whole of UAX #11.
constexpr std::array<Range, 9> kNone{{{0x300, 0x36F},
                                      {0x483, 0x489},
                                      {0x591, 0x5BD},
                                      {0x610, 0x61A},
                                      {0x64B, 0x65F},
                                      {0x200B, 0x200F},
                                      {0x20D0, 0x20F0},
                                      {0xFE00, 0xFE0F},
                                      {0xE0100, 0xE01EF}}};
constexpr std::array<Range, 11> kWide{{{0x1100, 0x115F},
                                       {0x2E80, 0x303E},
                                       {0x3041, 0xA4CF},
                                       {0xAC00, 0xD7A3},
                                       {0xF900, 0xFAFF},
                                       {0xFE30, 0xFE6F},
                                       {0xFF00, 0xFF60},
                                       {0xFFE0, 0xFFE6},
                                       {0x1F300, 0x1F64F},
                                       {0x1F680, 0x1F9FF},
                                       {0x20000, 0x3FFFD}}};

std::size_t width_of(char32_t code) {
  if (within(code, kNone)) return 0;
  return within(code, kWide) ? 2 : 1;
}

std::string escaped(char32_t code) {
  char text[8];
  std::snprintf(text, sizeof text, "\\x%02x", static_cast<unsigned>(code));
  return text;
}

/// Everything but spaces.
void append_visible(std::string& out, const Character& c) {
  if (c.code == '\n') {
    out += "⏎";
  } else if (c.code == '\t') {
    out += "⇥";
  } else if (c.code < 0x20 || (c.code >= 0x7F && c.code < 0xA0)) {
    out += escaped(c.code);
  } else {
    out += c.bytes;
  }
}

std::string spaces(std::size_t width, std::size_t used) {
  return std::string(width > used ? width - used : 0, ' ');
}

}  // namespace

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) width += width_of(take(text).code);
  return width;
}

std::string fit(std::string_view text, std::size_t width) {
  const std::size_t whole = width_of(text);
  if (whole <= width) return std::string(text) + spaces(width, whole);
  std::string out;
  std::size_t used = 0;
  while (!text.empty()) {
    const Character c = take(text);
    const std::size_t w = width_of(c.code);
    if (used + w + 1 > width) break;
    out += c.bytes;
    used += w;
  }
  return out + "…" + spaces(width, used + 1);
}

std::string fit_right(std::string_view text, std::size_t width) {
  return spaces(width, width_of(text)) + std::string(text);
}

std::string visible(std::string_view token) {
  const std::size_t first = std::min(token.find_first_not_of(' '), token.size());
  const std::size_t last = token.find_last_not_of(' ');
  std::string out;
  for (std::string_view rest = token; !rest.empty();) {
    const auto at = static_cast<std::size_t>(rest.data() - token.data());
    const Character c = take(rest);
    const bool at_an_end = at < first || last == std::string_view::npos || at > last;
    if (c.code == ' ' && at_an_end) {
      out += "·";
    } else {
      append_visible(out, c);
    }
  }
  return out;
}

std::string one_line(std::string_view text) {
  std::string out;
  while (!text.empty()) append_visible(out, take(text));
  return out;
}

std::vector<std::string> broken(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  std::size_t used = 0;
  std::size_t space = std::string::npos;  // where the line could be broken
  const auto end_line = [&](std::string rest) {
    lines.push_back(line);
    line = std::move(rest);
    used = width_of(std::string_view(line));
    space = std::string::npos;
  };
  while (!text.empty()) {
    const Character c = take(text);
    const std::size_t w = width_of(c.code);
    if (used + w > width) {
      if (c.code == ' ') {
        end_line("");
        continue;
      }
      std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
      if (space != std::string::npos) line.resize(space);
      end_line(std::move(rest));
    }
    if (c.code == ' ') space = line.size();
    line += c.bytes;
    used += w;
  }
  if (!line.empty() || lines.empty()) lines.push_back(line);
  return lines;
}

std::string bar(double share, std::size_t width) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double clamped = std::clamp(share, 0.0, 1.0);
  const auto eighths =
      static_cast<std::size_t>(std::lround(clamped * 8 * static_cast<double>(width)));
  std::string out;
  for (std::size_t i = 0; i < eighths / 8; ++i) out += "█";
  out += kEighths[eighths % 8];
  return out + spaces(width, (eighths + 7) / 8);
}

std::string decimal(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  std::string out = text;
  return out.starts_with('-') ? "−" + out.substr(1) : out;
}

std::string percent(double share) {
  if (share > 0 && share < 0.0005) return "<0.1 %";
  return decimal(100 * share, 1) + " %";
}

std::string short_number(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%g", value);
  std::string out = text;
  return out.starts_with('-') ? "−" + out.substr(1) : out;
}

std::string grouped(std::size_t value) {
  std::string out = std::to_string(value);
  for (std::size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, ",");
  return out;
}

}  // namespace typecase::cli
