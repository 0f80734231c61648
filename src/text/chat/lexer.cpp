#include "text/chat/lexer.h"

#include "base/utf8.h"
#include "text/chat/big_integer.h"
#include "text/chat/characters.h"

#include <charconv>
#include <cstdlib>

namespace typecase::chat {
namespace {

constexpr std::size_t kMaxDigits = 4300;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_byte(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80);
}

class Lexer {
 public:
  explicit Lexer(const Source& source) : source_(source), text_(source.text()) {}

  std::vector<Token> run() {
    while (at_ < text_.size()) read_data();
    add(TokenKind::end, at_);
    return std::move(tokens_);
  }

 private:
  [[noreturn]] void fail(std::string_view message, std::size_t at) const {
    throw source_.error(Code::invalid_argument, message, static_cast<Position>(at));
  }
  bool looking_at(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  void add(TokenKind kind, std::size_t at, std::string text = {}) {
    tokens_.push_back({kind, static_cast<Position>(at), std::move(text)});
  }

  void read_data();
  void add_data(std::size_t begin, std::size_t end, char sign, bool may_strip);
  void read_comment(std::size_t at);
  bool read_raw();
  bool raw_begin(std::size_t& at) const;
  bool raw_end(std::size_t& at) const;
  void read_tag(std::size_t at, std::string_view closing);
  bool read_tag_end(std::string_view closing);
  void read_token();
  bool read_number();
  bool read_float();
  bool read_integer();
  std::size_t digits_from(std::size_t at, int base) const;
  void read_name();
  void read_string();
  void read_operator();
  void skip_space(std::size_t& at) const;
  void finish_tag(std::size_t end);

  const Source& source_;
  std::string_view text_;
  std::size_t at_ = 0;
  bool line_starting_ = true;  // what was read last ended a line
  std::string brackets_{};     // those still to be closed
  std::vector<Token> tokens_{};
};

void Lexer::skip_space(std::size_t& at) const {
  while (at < text_.size()) {
    const Utf8Char c = decode_utf8(text_, at);
    if (!is_space(c.code_point)) return;
    at += c.size;
  }
}

// Text up to the next tag or comment, and that tag.
void Lexer::read_data() {
  const std::size_t begin = at_;
  std::size_t tag = begin;
  for (;; ++tag) {
    tag = text_.find('{', tag);
    if (tag == std::string_view::npos || tag + 1 >= text_.size()) {
      add(TokenKind::data, begin, std::string(text_.substr(begin)));
      at_ = text_.size();
      return;
    }
    const char second = text_[tag + 1];
    if (second == '%' || second == '{' || second == '#') break;
  }
  const char second = text_[tag + 1];
  at_ = tag + 2;
  char sign = 0;
  if (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) sign = text_[at_++];
  add_data(begin, tag, sign, second != '{');
  line_starting_ = false;
  if (second == '#') return read_comment(tag);
  if (second == '{') {
    add(TokenKind::print_begin, tag);
    return read_tag(tag, "}}");
  }
  if (read_raw()) return;
  add(TokenKind::block_begin, tag);
  read_tag(tag, "%}");
}

// `-` takes all whitespace before the tag; otherwise blanks between the line's start and a block
// tag or comment go, unless the tag says `+`.
void Lexer::add_data(std::size_t begin, std::size_t end, char sign, bool may_strip) {
  std::string_view data = text_.substr(begin, end - begin);
  if (sign == '-') {
    data = strip_right(data);
  } else if (sign != '+' && may_strip) {
    const std::size_t newline = data.rfind('\n');
    const std::size_t line = newline == std::string_view::npos ? 0 : newline + 1;
    if ((line > 0 || line_starting_) && strip_right(data.substr(line)).empty()) {
      data = data.substr(0, line);
    }
  }
  if (!data.empty()) add(TokenKind::data, begin, std::string(data));
}

// After a closing bracket of two characters that ends at `end`.
void Lexer::finish_tag(std::size_t end) {
  if (end < text_.size() && text_[end] == '\n') ++end;
  line_starting_ = text_[end - 1] == '\n';
  at_ = end;
}

void Lexer::read_comment(std::size_t at) {
  const std::size_t close = text_.find("#}", at_);
  if (close == std::string_view::npos) fail("a comment is not closed: '#}' is missing", at);
  const char before = close > at_ ? text_[close - 1] : 0;
  if (before == '-') {
    at_ = close + 2;
    skip_space(at_);
    line_starting_ = text_[at_ - 1] == '\n';
  } else if (before == '+') {
    at_ = close + 2;
  } else {
    finish_tag(close + 2);
  }
}

// `raw %}` with the position behind `{%` and its sign.
bool Lexer::raw_begin(std::size_t& at) const {
  skip_space(at);
  if (!text_.substr(at).starts_with("raw")) return false;
  at += 3;
  skip_space(at);
  if (text_.substr(at).starts_with("-%}")) {
    at += 3;
    skip_space(at);
    return true;
  }
  if (!text_.substr(at).starts_with("%}")) return false;
  at += 2;
  return true;
}

// `endraw` and the spaces around it.
bool Lexer::raw_end(std::size_t& at) const {
  skip_space(at);
  if (!text_.substr(at).starts_with("endraw")) return false;
  at += 6;
  skip_space(at);
  const std::string_view rest = text_.substr(at);
  return rest.starts_with("%}") || rest.starts_with("-%}") || rest.starts_with("+%}");
}

bool Lexer::read_raw() {
  std::size_t body = at_;
  if (!raw_begin(body)) return false;
  line_starting_ = text_[body - 1] == '\n';
  for (std::size_t tag = text_.find("{%", body); tag != std::string_view::npos;
       tag = text_.find("{%", tag + 1)) {
    std::size_t at = tag + 2;
    char sign = 0;
    if (at < text_.size() && (text_[at] == '-' || text_[at] == '+')) sign = text_[at++];
    if (!raw_end(at)) continue;
    add_data(body, tag, sign, true);
    at_ = at;
    brackets_.clear();
    read_tag_end("%}");
    return true;
  }
  fail("a raw block is not closed: 'endraw' is missing", at_);
}

bool Lexer::read_tag_end(std::string_view closing) {
  if (!brackets_.empty()) return false;
  if (looking_at(closing)) {
    if (closing == "%}") {
      finish_tag(at_ + 2);
    } else {
      at_ += 2;
      line_starting_ = false;
    }
    return true;
  }
  if (at_ + 2 >= text_.size() || text_.substr(at_ + 1, 2) != closing) return false;
  if (text_[at_] == '-') {
    at_ += 3;
    skip_space(at_);
    line_starting_ = text_[at_ - 1] == '\n';
    return true;
  }
  if (text_[at_] != '+' || closing != "%}") return false;
  at_ += 3;
  line_starting_ = false;
  return true;
}

void Lexer::read_tag(std::size_t at, std::string_view closing) {
  brackets_.clear();
  for (;;) {
    skip_space(at_);
    if (at_ >= text_.size()) {
      fail("a tag is not closed: '" + std::string(closing) + "' is missing", at);
    }
    const std::size_t here = at_;
    if (read_tag_end(closing)) {
      add(closing == "%}" ? TokenKind::block_end : TokenKind::print_end, here);
      return;
    }
    read_token();
  }
}

void Lexer::read_token() {
  const char c = text_[at_];
  if (is_digit(c)) {
    if (read_number()) return;
  } else if (is_name_byte(c)) {
    return read_name();
  } else if (c == '\'' || c == '"') {
    return read_string();
  }
  read_operator();
}

bool Lexer::read_number() { return read_float() || read_integer(); }

// The end of (\d_?)* from `at`, where every underscore is followed by a digit; `at` when there is
// no digit.
std::size_t Lexer::digits_from(std::size_t at, int base) const {
  const auto digit = [&](std::size_t i) {
    if (i >= text_.size()) return false;
    const char c = text_[i];
    if (base == 16 && ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')) return true;
    return is_digit(c) && c - '0' < base;
  };
  while (digit(at) || (at < text_.size() && text_[at] == '_' && digit(at + 1))) ++at;
  return at;
}

std::string without_underscores(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != '_') out += c;
  }
  return out;
}

bool Lexer::read_float() {
  if (at_ > 0 && text_[at_ - 1] == '.') return false;
  const std::size_t whole = digits_from(at_, 10);
  std::size_t end = whole;
  if (end + 1 < text_.size() && text_[end] == '.' && is_digit(text_[end + 1])) {
    end = digits_from(end + 1, 10);
  }
  if (end < text_.size() && (text_[end] | 0x20) == 'e') {
    std::size_t exponent = end + 1;
    if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) ++exponent;
    if (exponent < text_.size() && is_digit(text_[exponent])) end = digits_from(exponent, 10);
  }
  if (end == whole) return false;
  const std::string digits = without_underscores(text_.substr(at_, end - at_));
  double value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  // from_chars leaves the value alone when it is out of range; strtod gives Python's 0 or infinity.
  if (result.ec == std::errc::result_out_of_range) value = std::strtod(digits.c_str(), nullptr);
  add(TokenKind::number, at_);
  tokens_.back().value = Value::real(value);
  at_ = end;
  return true;
}

bool Lexer::read_integer() {
  std::size_t begin = at_;
  int base = 10;
  if (text_[at_] == '0' && at_ + 1 < text_.size()) {
    const char letter = static_cast<char>(text_[at_ + 1] | 0x20);
    const int other = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
    if (other != 10 && digits_from(at_ + 2, other) > at_ + 2) {
      base = other;
      begin = at_ + 2;
    }
  }
  std::size_t end = digits_from(begin, base);
  if (base == 10 && text_[at_] == '0') {  // only zeros may follow a zero
    end = at_ + 1;
    while (end < text_.size() &&
           (text_[end] == '0' ||
            (text_[end] == '_' && end + 1 < text_.size() && text_[end + 1] == '0'))) {
      ++end;
    }
  }
  const std::string digits = without_underscores(text_.substr(begin, end - begin));
  if (digits.size() > kMaxDigits) {
    throw source_.error(Code::limit, "the integer limit is reached: more than 4300 digits",
                        static_cast<Position>(at_));
  }
  add(TokenKind::number, at_);
  tokens_.back().value = integer_value(BigInteger::parse(digits, base), nullptr);
  at_ = end;
  return true;
}

void Lexer::read_name() {
  const std::size_t begin = at_;
  while (at_ < text_.size()) {
    const Utf8Char c = decode_utf8(text_, at_);
    if (c.code_point < 0x80 ? !is_name_byte(text_[at_]) : !is_identifier_part(c.code_point)) break;
    at_ += c.size;
  }
  if (at_ == begin) fail("unexpected character", at_);
  if (!is_identifier_start(decode_utf8(text_, begin).code_point)) {
    fail("a name has a character that names cannot have", begin);
  }
  add(TokenKind::name, begin, std::string(text_.substr(begin, at_ - begin)));
}

void Lexer::read_string() {
  const std::size_t begin = at_;
  const char quote_mark = text_[at_];
  std::size_t end = begin + 1;
  while (end < text_.size() && text_[end] != quote_mark) end += text_[end] == '\\' ? 2 : 1;
  if (end >= text_.size()) fail("a string is not closed", begin);
  add(TokenKind::string, begin,
      unescape(text_.substr(begin + 1, end - begin - 1), source_, static_cast<Position>(begin)));
  at_ = end + 1;
}

void Lexer::read_operator() {
  constexpr std::string_view kTwo[] = {"//", "**", "==", "!=", ">=", "<="};
  for (const std::string_view two : kTwo) {
    if (looking_at(two)) {
      add(TokenKind::op, at_, std::string(two));
      at_ += 2;
      return;
    }
  }
  const char c = text_[at_];
  if (std::string_view("+-/*%~[](){}><=.:|,;").find(c) == std::string_view::npos) {
    fail("unexpected character " + quote(text_.substr(at_, decode_utf8(text_, at_).size)), at_);
  }
  if (c == '(' || c == '[' || c == '{') brackets_ += c == '(' ? ')' : c == '[' ? ']' : '}';
  if (c == ')' || c == ']' || c == '}') {
    if (brackets_.empty()) fail("unexpected " + quote(text_.substr(at_, 1)), at_);
    if (brackets_.back() != c) {
      fail("unexpected " + quote(text_.substr(at_, 1)) + ", expected '" + brackets_.back() + "'",
           at_);
    }
    brackets_.pop_back();
  }
  add(TokenKind::op, at_, std::string(1, c));
  ++at_;
}

}  // namespace

std::vector<Token> tokenize(const Source& source) { return Lexer(source).run(); }

}  // namespace typecase::chat
