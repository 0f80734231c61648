#include "checkpoint/header_scanner.h"

#include "base/utf8.h"

namespace typecase {

void HeaderScanner::skip_space() noexcept {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
    ++at_;
  }
}

void HeaderScanner::fail(const std::string& message, std::uint64_t offset, Code code) const {
  const std::string key = tensor_ == nullptr ? "" : "tensor " + quote(*tensor_);
  throw Error(code, message, {.file = {}, .offset = offset, .line = {}, .key = key});
}

std::string HeaderScanner::found() const {
  return at_ == text_.size() ? "the end of the header" : quote(text_.substr(at_, 1));
}

bool HeaderScanner::at_end() noexcept {
  skip_space();
  return at_ == text_.size();
}

bool HeaderScanner::accept(char c) noexcept {
  skip_space();
  if (at_ == text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

void HeaderScanner::expect(char c, std::string_view where) {
  if (accept(c)) return;
  fail("expected '" + std::string(1, c) + "' " + std::string(where) + ", found " + found());
}

std::string HeaderScanner::string(std::string_view what, std::uint64_t most) {
  skip_space();
  if (at_ == text_.size() || text_[at_] != '"') {
    fail("expected " + std::string(what) + " in double quotes, found " + found());
  }
  const std::uint64_t start = offset();
  ++at_;
  std::string out;
  for (;;) {
    if (at_ == text_.size()) fail(std::string(what) + " has no closing quote");
    const char c = text_[at_];
    if (c == '"') break;
    if (static_cast<unsigned char>(c) < 0x20) {
      fail(std::string(what) + " holds a control character; JSON wants it escaped");
    }
    if (c == '\\') {
      escape(out);
    } else if (static_cast<unsigned char>(c) < 0x80) {
      out += c;
      ++at_;
    } else {
      const Utf8Char u = decode_utf8(text_, at_);
      if (!u.valid) fail(std::string(what) + " is not valid UTF-8");
      out.append(text_.substr(at_, u.size));
      at_ += u.size;
    }
    if (out.size() > most) {
      fail(std::string(what) + " is longer than " + std::to_string(most) + " bytes", start,
           Code::limit);
    }
  }
  ++at_;
  return out;
}

std::uint32_t HeaderScanner::four_hex() {
  std::uint32_t out = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) fail("\\u must be followed by four hexadecimal digits");
    out = out << 4 | static_cast<std::uint32_t>(digit);
  }
  return out;
}

void HeaderScanner::escape(std::string& out) {
  ++at_;  // the backslash
  const char c = at_ < text_.size() ? text_[at_] : '\0';
  constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
  if (const auto i = kFrom.find(c); i != std::string_view::npos && c != '\0') {
    out += kTo[i];
    ++at_;
    return;
  }
  if (c != 'u') fail("unknown escape in a string");
  ++at_;
  std::uint32_t code = four_hex();
  if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_).starts_with("\\u")) {
    at_ += 2;
    const std::uint32_t low = four_hex();
    if (low < 0xdc00 || low >= 0xe000) fail("half a surrogate pair in a string");
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  if (code >= 0xd800 && code < 0xe000) fail("half a surrogate pair in a string");
  append_utf8(out, static_cast<char32_t>(code));
}

std::int64_t HeaderScanner::whole_number(std::string_view what) {
  skip_space();
  const std::size_t start = at_;
  std::int64_t out = 0;
  bool fits = true;
  while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
    fits = fits && !__builtin_mul_overflow(out, std::int64_t{10}, &out) &&
           !__builtin_add_overflow(out, std::int64_t{text_[at_] - '0'}, &out);
    ++at_;
  }
  const std::size_t digits = at_ - start;
  const bool goes_on =
      at_ < text_.size() && (text_[at_] == '.' || text_[at_] == 'e' || text_[at_] == 'E');
  const bool leading_zero = digits > 1 && text_[start] == '0';
  if (digits > 0 && fits && !goes_on && !leading_zero) return out;

  at_ = start;
  if (digits > 0 && !fits) fail(std::string(what) + " does not fit 63 bits");
  if (digits == 0) fail("expected " + std::string(what) + " (a whole number), found " + found());
  fail(std::string(what) +
       " is not written as a whole number: " + quote(text_.substr(start, digits + 2)));
}

}  // namespace typecase
