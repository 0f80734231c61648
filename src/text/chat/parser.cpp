#include "text/chat/parser.h"

namespace typecase::chat {

std::shared_ptr<const Program> parse_template(std::string_view source) {
  auto program = std::make_shared<Program>(source);
  Parser(*program).run();
  return program;
}

void Parser::run() {
  gather_literals();
  program_.body = statements({});
  if (!unknown_.empty()) fail(unknown_[0].message, unknown_[0].at);
}

void Parser::gather_literals() {
  std::string& out = program_.literal_text;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const Token& token = tokens_[i];
    if (token.kind != TokenKind::data && token.kind != TokenKind::string) continue;
    out += token.text;
    // Adjacent string literals are one string.
    const bool goes_on = token.kind == TokenKind::string && i + 1 < tokens_.size() &&
                         tokens_[i + 1].kind == TokenKind::string;
    if (!goes_on) out += '\0';
  }
}

Parser::Nested::Nested(Parser& parser) : parser_(parser) {
  if (++parser_.depth_ > kMaxNesting) {
    --parser_.depth_;
    parser_.fail_nesting();
  }
}

void Parser::fail_nesting() const {
  throw program_.source.error(
      Code::limit,
      "the nesting limit is reached: more than " + std::to_string(kMaxNesting) + " levels",
      now().at);
}

const Token& Parser::next() {
  const Token& token = tokens_[at_];
  if (token.kind != TokenKind::end) ++at_;
  return token;
}

bool Parser::skip_op(std::string_view op) {
  if (!is_op(op)) return false;
  next();
  return true;
}

bool Parser::skip_name(std::string_view name) {
  if (!is_name(name)) return false;
  next();
  return true;
}

void Parser::expect_op(std::string_view op) {
  if (!skip_op(op)) fail("expected " + quote(op) + ", got " + described(now()));
}

void Parser::expect(TokenKind kind, std::string_view what) {
  if (now().kind != kind) fail("expected " + std::string(what) + ", got " + described(now()));
  next();
}

std::string Parser::expect_name() {
  if (now().kind != TokenKind::name) fail("expected a name, got " + described(now()));
  return next().text;
}

void Parser::fail(std::string_view message, Position at) const {
  throw program_.source.error(Code::invalid_argument, message, at);
}

void Parser::fail_chain(Position at) const {
  throw program_.source.error(
      Code::limit,
      "the chain limit is reached: more than " + std::to_string(kMaxChain) + " operators in a row",
      at);
}

NameId Parser::id_of(const std::string& name) {
  const auto [found, added] =
      program_.ids.try_emplace(name, static_cast<NameId>(program_.names.size()));
  if (added) program_.names.push_back(name);
  return found->second;
}

std::string Parser::described(const Token& token) {
  switch (token.kind) {
    case TokenKind::data:
      return "text";
    case TokenKind::block_begin:
      return "'{%'";
    case TokenKind::block_end:
      return "'%}'";
    case TokenKind::print_begin:
      return "'{{'";
    case TokenKind::print_end:
      return "'}}'";
    case TokenKind::number:
      return "a number";
    case TokenKind::string:
      return "a string";
    case TokenKind::end:
      return "the end of the template";
    default:
      return quote(token.text);
  }
}

}  // namespace typecase::chat
