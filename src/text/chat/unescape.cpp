#include "base/utf8.h"
#include "text/chat/lexer.h"

namespace typecase::chat {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const int lower = c | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Resolves the escapes of one literal.
class Unescape {
 public:
  Unescape(std::string_view quoted, const Source& source, Position at)
      : text_(quoted), source_(source), start_(at) {}

  std::string run() {
    while (at_ < text_.size()) {
      if (text_[at_] != '\\') {
        out_ += text_[at_++];
      } else {
        ++at_;
        escape();
      }
    }
    return std::move(out_);
  }

 private:
  void escape();
  void hexadecimal(std::size_t digits);
  void octal();
  void kept();

  std::string_view text_;
  const Source& source_;
  Position start_;
  std::size_t at_ = 0;
  std::string out_{};
};

void Unescape::escape() {
  constexpr std::string_view kLetters = "\\'\"abfnrtv";
  constexpr std::string_view kMeanings = "\\'\"\a\b\f\n\r\t\v";
  const char c = text_[at_];  // a literal never ends in a lone backslash
  if (const std::size_t i = kLetters.find(c); i != std::string_view::npos) {
    out_ += kMeanings[i];
    ++at_;
  } else if (c == '\n') {
    ++at_;
  } else if (c >= '0' && c <= '7') {
    octal();
  } else if (c == 'x' || c == 'u' || c == 'U') {
    hexadecimal(c == 'x' ? 2 : c == 'u' ? 4 : 8);
  } else if (c == 'N') {
    throw source_.error(Code::invalid_argument, "character names (\\N) are not known", start_);
  } else {
    kept();
  }
}

void Unescape::octal() {
  char32_t value = 0;
  for (int i = 0; i < 3 && at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '7'; ++i) {
    value = value * 8 + static_cast<char32_t>(text_[at_++] - '0');
  }
  append_utf8(out_, value);
}

void Unescape::hexadecimal(std::size_t digits) {
  char32_t value = 0;
  ++at_;
  for (std::size_t i = 0; i < digits; ++i, ++at_) {
    const int digit = at_ < text_.size() ? hex_value(text_[at_]) : -1;
    if (digit < 0) {
      throw source_.error(Code::invalid_argument, "a string has a cut \\x or \\u escape", start_);
    }
    value = value * 16 + static_cast<char32_t>(digit);
  }
  if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
    throw source_.error(Code::invalid_argument, "a string has an escape that is no character",
                        start_);
  }
  append_utf8(out_, value);
}

// An unknown escape keeps its backslash. Python writes a character beyond ASCII as an escape before
// it resolves them, so that the backslash in front then escapes that one's.
void Unescape::kept() {
  constexpr char kHex[] = "0123456789abcdef";
  const Utf8Char c = decode_utf8(text_, at_);
  out_ += '\\';
  if (c.code_point < 0x80) {
    out_ += text_[at_++];
    return;
  }
  at_ += c.size;
  const int digits = c.code_point < 0x100 ? 2 : c.code_point < 0x10000 ? 4 : 8;
  out_ += digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
  for (int i = digits - 1; i >= 0; --i) out_ += kHex[(c.code_point >> (4 * i)) & 15];
}

}  // namespace

std::string unescape(std::string_view quoted, const Source& source, Position at) {
  return Unescape(quoted, source, at).run();
}

}  // namespace typecase::chat
