#pragma once

#include "text/chat/source.h"
#include "text/chat/value.h"

#include <string>
#include <vector>

namespace typecase::chat {

enum class TokenKind : std::uint8_t {
  data,         // text between tags
  block_begin,  // {%
  block_end,
  print_begin,  // {{
  print_end,
  name,
  string,
  number,  // Token::value
  op,      // an operator or bracket
  end,
};

struct Token {
  TokenKind kind;
  Position at;
  std::string text{};  // of data, names and operators; the value of strings
  Value value{};       // of numbers
};

/// The tokens of a template, with the whitespace rules of trim_blocks and lstrip_blocks applied and
/// comments removed; ends with one token `end`.
/// Throws Error(invalid_argument) with line and column.
std::vector<Token> tokenize(const Source& source);

/// What stands between the quotes of a string literal, with Python's escapes resolved.
std::string unescape(std::string_view quoted, const Source& source, Position at);

}  // namespace typecase::chat
