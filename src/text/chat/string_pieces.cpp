#include "text/chat/string_pieces.h"

#include "base/utf8.h"
#include "text/chat/characters.h"

#include <algorithm>

namespace typecase::chat {
namespace {

std::size_t last_character(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

bool ends_line(char32_t c) {
  return (c >= 10 && c <= 13) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 ||
         c == 0x2029;
}

}  // namespace

Text stripped(const Text& text, bool left, bool right) {
  std::string_view rest = text.bytes;
  if (left) rest = strip_left(rest);
  const auto begin = text.size() - rest.size();
  if (right) rest = strip_right(rest);
  return text.slice(begin, begin + rest.size());
}

Text stripped_of(const Text& text, std::string_view set, bool left, bool right) {
  const auto in_set = [&](std::string_view c) { return set.find(c) != std::string_view::npos; };
  const std::string_view bytes = text.bytes;
  std::size_t begin = 0;
  std::size_t end = bytes.size();
  while (left && begin < end) {
    const std::size_t size = decode_utf8(bytes, begin).size;
    if (!in_set(bytes.substr(begin, size))) break;
    begin += size;
  }
  while (right && end > begin) {
    const std::size_t last = last_character(bytes.substr(0, end));
    if (!in_set(bytes.substr(last, end - last))) break;
    end = last;
  }
  return text.slice(begin, end);
}

Text replaced(const Text& text, const Text& old, const Text& with, std::int64_t count,
              Meter* meter) {
  Text out;
  std::size_t at = 0;
  const auto put = [&](std::size_t begin, std::size_t end) {
    meter->string_size(out.size() + (end - begin) + with.size());
    meter->work(end - begin + with.size());
    out.append(text, begin, end);
  };
  while (count != 0) {
    // An empty text is found in front of every character and at the end.
    const std::size_t found = old.bytes.empty() ? at : text.bytes.find(old.bytes, at);
    if (found == std::string::npos || found > text.size()) break;
    put(at, found);
    out.append(with);
    --count;
    at = found + old.size();
    if (!old.bytes.empty()) continue;
    if (at >= text.size()) return out;
    const std::size_t size = decode_utf8(text.bytes, at).size;
    put(at, at + size);
    at += size;
  }
  put(at, text.size());
  return out;
}

Text repeated_text(std::string_view piece, std::int64_t times, Meter* meter) {
  Text out;
  if (times <= 0 || piece.empty()) return out;
  const auto n = static_cast<std::uint64_t>(times);
  const bool too_many = n > meter->limits().string / piece.size() + 1;
  meter->string_size(too_many ? meter->limits().string + 1 : n * piece.size());
  meter->work(n * piece.size());
  for (std::uint64_t i = 0; i < n; ++i) out.append(piece);
  return out;
}

Text padded(const Text& text, std::int64_t width, const Text& fill, Pad where, Meter* meter) {
  const auto length = static_cast<std::int64_t>(count_code_points(text.bytes));
  if (width <= length) return text;
  const std::int64_t missing = width - length;
  // Python puts the odd one to the left when the width is odd.
  std::int64_t left = missing / 2 + (missing & width & 1);
  if (where != Pad::both) left = where == Pad::left ? missing : 0;
  const bool taint = fill.tainted();
  Text out;
  out.append_derived(repeated_text(fill.bytes, left, meter).bytes, taint);
  out.append(text);
  out.append_derived(repeated_text(fill.bytes, missing - left, meter).bytes, taint);
  return out;
}

std::vector<Text> lines_of(const Text& text, bool keep_ends) {
  std::vector<Text> out;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Char c = decode_utf8(text.bytes, i);
    const std::size_t end = i;
    i += c.size;
    if (!ends_line(c.code_point)) continue;
    if (c.code_point == '\r' && i < text.size() && text.bytes[i] == '\n') ++i;
    out.push_back(text.slice(begin, keep_ends ? i : end));
    begin = i;
  }
  if (begin < text.size()) out.push_back(text.slice(begin, text.size()));
  return out;
}

std::vector<Text> words_of(const Text& text, std::int64_t most, Meter* meter) {
  meter->work(text.size());
  std::vector<Text> out;
  std::size_t at = 0;
  for (;;) {
    at = text.size() - strip_left(std::string_view(text.bytes).substr(at)).size();
    if (at >= text.size()) return out;
    meter->step();
    if (most >= 0 && static_cast<std::int64_t>(out.size()) == most) {
      out.push_back(text.slice(at, text.size()));
      return out;
    }
    const std::size_t begin = at;
    while (at < text.size()) {
      const Utf8Char c = decode_utf8(text.bytes, at);
      if (is_space(c.code_point)) break;
      at += c.size;
    }
    out.push_back(text.slice(begin, at));
  }
}

std::vector<Text> words_from_right(const Text& text, std::int64_t most, Meter* meter) {
  meter->work(text.size());
  std::vector<Text> out;
  const std::string_view bytes = text.bytes;
  std::size_t end = bytes.size();
  for (;;) {
    end = strip_right(bytes.substr(0, end)).size();
    if (end == 0) break;
    meter->step();
    if (most >= 0 && static_cast<std::int64_t>(out.size()) == most) {
      out.push_back(text.slice(0, end));
      break;
    }
    std::size_t begin = end;
    while (begin > 0) {
      const std::size_t last = last_character(bytes.substr(0, begin));
      if (is_space(decode_utf8(bytes, last).code_point)) break;
      begin = last;
    }
    out.push_back(text.slice(begin, end));
    end = begin;
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::vector<Text> split_at(const Text& text, std::string_view separator, std::int64_t most,
                           Meter* meter) {
  meter->work(text.size());
  std::vector<Text> out;
  std::size_t at = 0;
  while (most < 0 || static_cast<std::int64_t>(out.size()) < most) {
    const std::size_t found = text.bytes.find(separator, at);
    if (found == std::string::npos) break;
    meter->step();
    out.push_back(text.slice(at, found));
    at = found + separator.size();
  }
  out.push_back(text.slice(at, text.size()));
  return out;
}

std::vector<Text> split_from_right(const Text& text, std::string_view separator, std::int64_t most,
                                   Meter* meter) {
  meter->work(text.size());
  std::vector<Text> out;
  std::size_t end = text.size();
  while (most < 0 || static_cast<std::int64_t>(out.size()) < most) {
    if (end < separator.size()) break;
    const std::size_t found = text.bytes.rfind(separator, end - separator.size());
    if (found == std::string::npos) break;
    meter->step();
    out.push_back(text.slice(found + separator.size(), end));
    end = found;
  }
  out.push_back(text.slice(0, end));
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace typecase::chat
