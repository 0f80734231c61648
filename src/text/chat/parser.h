#pragma once

#include "text/chat/ast.h"
#include "text/chat/lexer.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

namespace typecase::chat {

inline constexpr int kMaxNesting = 200;           // parentheses, blocks, unary operators
inline constexpr std::size_t kMaxChain = 10'000;  // operators, filters or postfixes in a row

/// Throws Error(invalid_argument) or Error(limit) with line and column.
std::shared_ptr<const Program> parse_template(std::string_view source);

/// Recursive descent over the tokens. Expressions: parse_expressions.cpp; tags:
/// parse_statements.cpp.
class Parser {
 public:
  explicit Parser(Program& program) : program_(program), tokens_(tokenize(program.source)) {}
  void run();

 private:
  using Op = Expr::Op;

  /// Counts nesting while it lives.
  class Nested {
   public:
    explicit Nested(Parser& parser);
    ~Nested() { --parser_.depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

   private:
    Parser& parser_;
  };

  void gather_literals();

  // Tokens
  const Token& now() const { return tokens_[at_]; }
  const Token& ahead() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  const Token& next();
  bool is_op(std::string_view op) const { return is_op(now(), op); }
  static bool is_op(const Token& token, std::string_view op) {
    return token.kind == TokenKind::op && token.text == op;
  }
  bool is_name(std::string_view name) const {
    return now().kind == TokenKind::name && now().text == name;
  }
  bool skip_op(std::string_view op);
  bool skip_name(std::string_view name);
  void expect_op(std::string_view op);
  void expect(TokenKind kind, std::string_view what);
  std::string expect_name();
  [[noreturn]] void fail(std::string_view message) const { fail(message, now().at); }
  [[noreturn]] void fail(std::string_view message, Position at) const;
  [[noreturn]] void fail_chain(Position at) const;
  [[noreturn]] void fail_nesting() const;
  NameId id_of(const std::string& name);
  static std::string described(const Token& token);

  // Expressions, loosest binding first
  ExprPtr make(Expr::Kind kind, Position at) const;
  ExprPtr tuple(bool conditional, std::string_view extra_end, bool parenthesised);
  bool tuple_ends(std::string_view extra_end) const;
  ExprPtr expression(bool conditional = true);
  ExprPtr conditional();
  ExprPtr logical(std::string_view word, Expr::Kind kind, ExprPtr (Parser::*operand)());
  ExprPtr any_of() { return logical("or", Expr::Kind::logical_or, &Parser::all_of); }
  ExprPtr all_of() { return logical("and", Expr::Kind::logical_and, &Parser::negation); }
  ExprPtr negation();
  ExprPtr comparison();
  bool comparison_operator(Op& op);
  struct Operator {
    std::string_view text;
    Op op;
  };
  ExprPtr operators(std::initializer_list<Operator> known, ExprPtr (Parser::*operand)());
  ExprPtr sum();
  ExprPtr concatenation();
  ExprPtr product();
  ExprPtr power();
  ExprPtr unary_with_filters() { return unary(true); }
  ExprPtr unary(bool filters);
  ExprPtr primary();
  ExprPtr primary_name();
  ExprPtr list();
  ExprPtr dict();
  ExprPtr postfix(ExprPtr base);
  ExprPtr filters_and_tests(ExprPtr base);
  ExprPtr subscript();
  Link subscript_link();
  Link attribute_link();
  Link call_link();
  Link filter_link();
  Link test_link();
  bool test_has_bare_argument() const;
  std::string dotted_name();
  Arguments arguments();
  void one_argument(Arguments& out, bool& keywords);
  ExprPtr with_link(ExprPtr base, Link link) const;
  std::vector<Link> filters();

  // Statements
  using Ends = std::initializer_list<std::string_view>;
  Body body_until(Ends ends, bool soft = false);              // the end's name is the current token
  Body block_until(std::string_view end, bool soft = false);  // and is consumed
  Body statements(const Ends& ends);
  void print(Body& out);
  void statement(Body& out);
  bool known_statement(const std::string& name, Position at, Body& out);
  void set(Body& out, Position at);
  void loop(Body& out, Position at);
  void condition(Body& out, Position at);
  void with(Body& out, Position at);
  void macro(Body& out, Position at);
  void call_block(Body& out, Position at);
  void filter_block(Body& out, Position at);
  void generation(Body& out, Position at);
  void named_block(Body& out, Position at);
  void auto_escape(Body& out, Position at);
  void print_tag(Body& out, Position at);
  void jump(Body& out, Position at, bool leave);
  void refused(Body& out, Position at, const std::string& name);
  void signature(Callable& callable);
  void callable_body(Callable& callable, std::string_view end);
  ExprPtr target(std::string_view end, bool attributes);
  ExprPtr target_item(bool attributes);
  void not_a_keyword(const std::string& name, Position at) const;

  Program& program_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int in_loop_ = 0;
  int soft_ = 0;  // inside if: unknown filters are errors only when reached
  std::vector<Callable*> callables_{};
  std::vector<std::string> blocks_{};
  /// Unknown filters and tests that are errors even when they are not reached.
  struct Unknown {
    std::string message;
    Position at;
  };
  std::vector<Unknown> unknown_{};
};

}  // namespace typecase::chat
