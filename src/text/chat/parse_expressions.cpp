#include "text/chat/builtin.h"
#include "text/chat/parser.h"

#include <algorithm>

namespace typecase::chat {

using Node = Expr::Kind;

ExprPtr Parser::make(Node kind, Position at) const {
  auto out = std::make_unique<Expr>();
  out->kind = kind;
  out->at = at;
  return out;
}

bool Parser::tuple_ends(std::string_view extra_end) const {
  return now().kind == TokenKind::print_end || now().kind == TokenKind::block_end || is_op(")") ||
         (!extra_end.empty() && is_name(extra_end));
}

// One expression, or several with commas between: a tuple.
ExprPtr Parser::tuple(bool conditional, std::string_view extra_end, bool parenthesised) {
  auto out = make(Node::tuple, now().at);
  bool comma = false;
  for (;;) {
    if (!out->kids.empty()) expect_op(",");
    if (tuple_ends(extra_end)) break;
    out->kids.push_back(expression(conditional));
    if (!is_op(",")) break;
    comma = true;
  }
  if (!comma && !out->kids.empty()) return std::move(out->kids[0]);
  if (!comma && !parenthesised) fail("expected an expression, got " + described(now()));
  return out;
}

ExprPtr Parser::expression(bool with_condition) {
  return with_condition ? conditional() : any_of();
}

// a if test else b
ExprPtr Parser::conditional() {
  const std::size_t unknown = unknown_.size();
  ExprPtr first = any_of();
  // Each round puts what was read one level deeper.
  for (int rounds = 1; is_name("if"); ++rounds) {
    if (rounds > kMaxNesting) fail_nesting();
    unknown_.resize(unknown);  // what stands before the if is as soft as what follows
    const Nested nested(*this);
    auto out = make(Node::conditional, next().at);
    // An inline if makes unknown filters in all its parts an error only when they are reached.
    ++soft_;
    out->kids.push_back(any_of());
    out->kids.push_back(std::move(first));
    out->kids.push_back(skip_name("else") ? conditional() : nullptr);
    --soft_;
    first = std::move(out);
  }
  return first;
}

ExprPtr Parser::logical(std::string_view word, Node kind, ExprPtr (Parser::*operand)()) {
  ExprPtr first = (this->*operand)();
  if (!is_name(word)) return first;
  auto out = make(kind, now().at);
  out->kids.push_back(std::move(first));
  while (is_name(word)) {
    if (out->kids.size() > kMaxChain) fail_chain(now().at);
    next();
    out->kids.push_back((this->*operand)());
  }
  return out;
}

ExprPtr Parser::negation() {
  if (!is_name("not")) return comparison();
  const Nested nested(*this);
  auto out = make(Node::logical_not, next().at);
  out->kids.push_back(negation());
  return out;
}

bool Parser::comparison_operator(Op& op) {
  constexpr Operator kKnown[] = {{"==", Op::equal},  {"!=", Op::unequal},
                                 {"<", Op::less},    {"<=", Op::less_equal},
                                 {">", Op::greater}, {">=", Op::greater_equal}};
  for (const Operator& known : kKnown) {
    if (is_op(known.text)) {
      next();
      op = known.op;
      return true;
    }
  }
  if (skip_name("in")) {
    op = Op::in;
    return true;
  }
  if (is_name("not") && ahead().kind == TokenKind::name && ahead().text == "in") {
    next();
    next();
    op = Op::not_in;
    return true;
  }
  return false;
}

ExprPtr Parser::comparison() {
  ExprPtr first = sum();
  const Position at = now().at;
  Op op{};
  if (!comparison_operator(op)) return first;
  auto out = make(Node::compare, at);
  out->kids.push_back(std::move(first));
  do {
    if (out->ops.size() >= kMaxChain) fail_chain(at);
    out->ops.push_back(op);
    out->kids.push_back(sum());
  } while (comparison_operator(op));
  return out;
}

ExprPtr Parser::operators(std::initializer_list<Operator> known, ExprPtr (Parser::*operand)()) {
  const auto found = [&] {
    return std::find_if(known.begin(), known.end(), [&](const auto& k) { return is_op(k.text); });
  };
  ExprPtr first = (this->*operand)();
  if (found() == known.end()) return first;
  auto out = make(Node::arithmetic, now().at);
  out->kids.push_back(std::move(first));
  for (auto op = found(); op != known.end(); op = found()) {
    if (out->ops.size() >= kMaxChain) fail_chain(now().at);
    next();
    out->ops.push_back(op->op);
    out->kids.push_back((this->*operand)());
  }
  return out;
}

ExprPtr Parser::sum() {
  return operators({{"+", Op::add}, {"-", Op::subtract}}, &Parser::concatenation);
}

ExprPtr Parser::concatenation() {
  ExprPtr first = product();
  if (!is_op("~")) return first;
  auto out = make(Node::concat, now().at);
  out->kids.push_back(std::move(first));
  while (skip_op("~")) {
    if (out->kids.size() > kMaxChain) fail_chain(now().at);
    out->kids.push_back(product());
  }
  return out;
}

ExprPtr Parser::product() {
  return operators(
      {{"*", Op::multiply}, {"/", Op::divide}, {"//", Op::floor_divide}, {"%", Op::modulo}},
      &Parser::power);
}

ExprPtr Parser::power() { return operators({{"**", Op::power}}, &Parser::unary_with_filters); }

ExprPtr Parser::unary(bool with_filters) {
  const Nested nested(*this);
  ExprPtr out;
  if (is_op("-") || is_op("+")) {
    const Node kind = is_op("-") ? Node::negative : Node::positive;
    out = make(kind, next().at);
    out->kids.push_back(unary(false));
  } else {
    out = primary();
  }
  out = postfix(std::move(out));
  return with_filters ? filters_and_tests(std::move(out)) : std::move(out);
}

ExprPtr Parser::primary() {
  const Token& token = now();
  switch (token.kind) {
    case TokenKind::name:
      return primary_name();
    case TokenKind::string: {
      auto out = make(Node::constant, token.at);
      std::string text;
      while (now().kind == TokenKind::string) text += next().text;
      out->constant = Value::string(std::move(text), nullptr);
      return out;
    }
    case TokenKind::number: {
      auto out = make(Node::constant, token.at);
      out->constant = next().value;
      return out;
    }
    default:
      break;
  }
  if (skip_op("(")) {
    ExprPtr out = tuple(true, {}, true);
    expect_op(")");
    return out;
  }
  if (is_op("[")) return list();
  if (is_op("{")) return dict();
  fail("unexpected " + described(token));
}

ExprPtr Parser::primary_name() {
  const Token& token = next();
  auto out = make(Node::constant, token.at);
  if (token.text == "true" || token.text == "True") {
    out->constant = Value::boolean(true);
  } else if (token.text == "false" || token.text == "False") {
    out->constant = Value::boolean(false);
  } else if (token.text == "none" || token.text == "None") {
    out->constant = Value::none();
  } else {
    out->kind = Node::name;
    out->name = id_of(token.text);
    out->text = token.text;
    for (Callable* callable : callables_) {
      if (token.text == "caller") callable->uses_caller = true;
      if (token.text == "varargs") callable->uses_varargs = true;
      if (token.text == "kwargs") callable->uses_kwargs = true;
    }
  }
  return out;
}

ExprPtr Parser::list() {
  auto out = make(Node::list, next().at);
  while (!is_op("]")) {
    if (!out->kids.empty()) expect_op(",");
    if (is_op("]")) break;
    out->kids.push_back(expression());
  }
  expect_op("]");
  return out;
}

ExprPtr Parser::dict() {
  auto out = make(Node::dict, next().at);
  while (!is_op("}")) {
    if (!out->kids.empty()) expect_op(",");
    if (is_op("}")) break;
    out->kids.push_back(expression());
    expect_op(":");
    out->kids.push_back(expression());
  }
  expect_op("}");
  return out;
}

ExprPtr Parser::with_link(ExprPtr base, Link link) const {
  if (base->kind != Node::chain) {
    auto out = make(Node::chain, base->at);
    out->kids.push_back(std::move(base));
    base = std::move(out);
  }
  if (base->links.size() >= kMaxChain) fail_chain(link.at);
  base->links.push_back(std::move(link));
  return base;
}

ExprPtr Parser::postfix(ExprPtr base) {
  for (;;) {
    if (is_op(".")) {
      base = with_link(std::move(base), attribute_link());
    } else if (is_op("[")) {
      base = with_link(std::move(base), subscript_link());
    } else if (is_op("(")) {
      base = with_link(std::move(base), call_link());
    } else {
      return base;
    }
  }
}

ExprPtr Parser::filters_and_tests(ExprPtr base) {
  for (;;) {
    if (is_op("|")) {
      next();
      base = with_link(std::move(base), filter_link());
    } else if (is_name("is")) {
      base = with_link(std::move(base), test_link());
    } else if (is_op("(")) {
      base = with_link(std::move(base), call_link());
    } else {
      return base;
    }
  }
}

Link Parser::attribute_link() {
  Link out{.kind = Link::Kind::attribute, .at = next().at};
  if (now().kind == TokenKind::name) {
    out.name = next().text;
    return out;
  }
  if (now().kind != TokenKind::number || !now().value.is(Kind::integer)) {
    fail("expected a name or a whole number");
  }
  out.kind = Link::Kind::item;
  out.index = make(Node::constant, now().at);
  out.index->constant = next().value;
  return out;
}

Link Parser::subscript_link() {
  Link out{.kind = Link::Kind::item, .at = next().at};
  std::vector<ExprPtr> parts;
  while (!is_op("]")) {
    if (!parts.empty()) expect_op(",");
    parts.push_back(subscript());
  }
  expect_op("]");
  if (parts.size() == 1) {
    out.index = std::move(parts[0]);
  } else {
    out.index = make(Node::tuple, out.at);
    out.index->kids = std::move(parts);
  }
  return out;
}

// One index, or start:stop:step with any of them missing.
ExprPtr Parser::subscript() {
  const Position at = now().at;
  ExprPtr start = is_op(":") ? nullptr : expression();
  if (!is_op(":")) return start;
  auto out = make(Node::slice, at);
  out->kids.push_back(std::move(start));
  for (int i = 0; i < 2; ++i) {
    const bool there = skip_op(":") && !is_op(":") && !is_op("]") && !is_op(",");
    out->kids.push_back(there ? expression() : nullptr);
  }
  return out;
}

Link Parser::call_link() {
  Link out{.kind = Link::Kind::call, .at = now().at};
  out.arguments = arguments();
  return out;
}

void Parser::one_argument(Arguments& out, bool& keywords) {
  const auto ensure = [&](bool condition) {
    if (!condition) fail("the arguments of this call are in a wrong order");
  };
  if (is_op("*")) {
    ensure(!out.star && !out.star_star);
    next();
    out.star = expression();
  } else if (is_op("**")) {
    ensure(!out.star_star);
    next();
    out.star_star = expression();
  } else if (now().kind == TokenKind::name && is_op(ahead(), "=")) {
    ensure(!out.star_star);
    const Position at = now().at;
    std::string keyword = next().text;
    next();
    for (const Argument& other : out.given) {
      if (other.keyword == keyword) fail("keyword argument repeated: " + quote(keyword), at);
    }
    keywords = true;
    out.given.push_back({std::move(keyword), expression()});
  } else {
    ensure(!out.star && !out.star_star && !keywords);
    out.given.push_back({{}, expression()});
  }
}

Arguments Parser::arguments() {
  expect_op("(");
  Arguments out;
  bool keywords = false;
  for (bool first = true; !is_op(")"); first = false) {
    if (!first) {
      expect_op(",");
      if (is_op(")")) break;
    }
    one_argument(out, keywords);
  }
  expect_op(")");
  return out;
}

std::string Parser::dotted_name() {
  std::string out = expect_name();
  while (skip_op(".")) out += "." + expect_name();
  return out;
}

Link Parser::filter_link() {
  Link out{.kind = Link::Kind::filter, .at = now().at};
  out.name = dotted_name();
  out.builtin = find_filter(out.name);
  if (out.builtin == nullptr && soft_ == 0) {
    unknown_.push_back({"there is no filter " + quote(out.name), out.at});
  }
  if (is_op("(")) out.arguments = arguments();
  return out;
}

std::vector<Link> Parser::filters() {
  std::vector<Link> out;
  while (skip_op("|")) {
    if (out.size() >= kMaxChain) fail_chain(now().at);
    out.push_back(filter_link());
  }
  return out;
}

bool Parser::test_has_bare_argument() const {
  switch (now().kind) {
    case TokenKind::name:
      return !is_name("else") && !is_name("or") && !is_name("and");
    case TokenKind::string:
    case TokenKind::number:
      return true;
    default:
      return is_op("[") || is_op("{");
  }
}

Link Parser::test_link() {
  Link out{.kind = Link::Kind::test, .at = next().at};
  out.negated = skip_name("not");
  out.name = dotted_name();
  out.builtin = find_test(out.name);
  if (out.builtin == nullptr && soft_ == 0) {
    unknown_.push_back({"there is no test " + quote(out.name), out.at});
  }
  if (is_op("(")) {
    out.arguments = arguments();
  } else if (test_has_bare_argument()) {
    if (is_name("is")) fail("tests cannot be chained with is");
    out.arguments.given.push_back({{}, postfix(primary())});
  }
  return out;
}

}  // namespace typecase::chat
