#include "text/chat/parser.h"

#include <algorithm>
#include <utility>

namespace typecase::chat {
namespace {

constexpr std::string_view kConstants[] = {"true", "false", "none", "True", "False", "None"};

template <class T>
void push(Body& out, Position at, T what) {
  out.push_back(Statement{at, std::move(what)});
}

}  // namespace

// Text, prints and tags until one of `ends` is the current token (behind its block_begin), or to
// the end of the source when there are none.
Body Parser::statements(const Ends& ends) {
  Body out;
  for (;;) {
    switch (now().kind) {
      case TokenKind::data: {
        const Token& token = next();
        push(out, token.at, Data{Value::string(token.text, nullptr)});
        break;
      }
      case TokenKind::print_begin:
        print(out);
        break;
      case TokenKind::block_begin:
        next();
        if (std::any_of(ends.begin(), ends.end(), [&](auto end) { return is_name(end); }))
          return out;
        statement(out);
        break;
      default:
        if (ends.size() == 0) return out;
        fail("the template ends inside a block, expected " + quote(*ends.begin()));
    }
  }
}

Body Parser::body_until(Ends ends, bool soft) {
  skip_op(":");
  expect(TokenKind::block_end, "end of the tag");
  const Nested nested(*this);
  const int outer = soft ? soft_ : std::exchange(soft_, 0);
  Body out = statements(ends);
  soft_ = outer;
  return out;
}

Body Parser::block_until(std::string_view end, bool soft) {
  Body out = body_until({end}, soft);
  next();
  return out;
}

void Parser::print(Body& out) {
  const Position at = next().at;
  Print print;
  print.values.push_back(tuple(true, {}, false));
  expect(TokenKind::print_end, "'}}'");
  push(out, at, std::move(print));
}

void Parser::statement(Body& out) {
  const Token& token = now();
  if (token.kind != TokenKind::name) fail("a tag's name is expected, got " + described(token));
  const std::string name = token.text;
  const Position at = next().at;
  if (!known_statement(name, at, out)) fail("unknown tag " + quote(name), at);
  expect(TokenKind::block_end, "end of the tag");
}

bool Parser::known_statement(const std::string& name, Position at, Body& out) {
  if (name == "set") return set(out, at), true;
  if (name == "if") return condition(out, at), true;
  if (name == "for") return loop(out, at), true;
  if (name == "macro") return macro(out, at), true;
  if (name == "call") return call_block(out, at), true;
  if (name == "filter") return filter_block(out, at), true;
  if (name == "with") return with(out, at), true;
  if (name == "generation") return generation(out, at), true;
  if (name == "block") return named_block(out, at), true;
  if (name == "autoescape") return auto_escape(out, at), true;
  if (name == "print") return print_tag(out, at), true;
  if (name == "break" || name == "continue") return jump(out, at, name == "break"), true;
  if (name == "include" || name == "import" || name == "extends" || name == "from") {
    return refused(out, at, name), true;
  }
  return false;
}

void Parser::not_a_keyword(const std::string& name, Position at) const {
  if (std::find(std::begin(kConstants), std::end(kConstants), name) != std::end(kConstants)) {
    fail("cannot assign to " + quote(name), at);
  }
}

// A name, or name.attribute of a namespace, or a tuple in parentheses.
ExprPtr Parser::target_item(bool attributes) {
  if (skip_op("(")) {
    ExprPtr out = target({}, attributes);
    expect_op(")");
    return out;
  }
  const Position at = now().at;
  const std::string name = expect_name();
  not_a_keyword(name, at);
  const bool attribute = attributes && skip_op(".");
  auto out = make(attribute ? Expr::Kind::attribute_target : Expr::Kind::name, at);
  out->name = id_of(name);
  out->text = attribute ? expect_name() : name;
  return out;
}

ExprPtr Parser::target(std::string_view end, bool attributes) {
  const Nested nested(*this);
  auto out = make(Expr::Kind::tuple, now().at);
  bool comma = false;
  for (;;) {
    if (tuple_ends(end) || is_op("=") || is_op("|")) break;
    out->kids.push_back(target_item(attributes));
    if (!skip_op(",")) break;
    comma = true;
  }
  if (!comma && out->kids.size() == 1) return std::move(out->kids[0]);
  if (out->kids.empty()) fail("a name to assign to is expected, got " + described(now()));
  return out;
}

void Parser::set(Body& out, Position at) {
  ExprPtr to = target({}, true);
  if (skip_op("=")) return push(out, at, Set{std::move(to), tuple(true, {}, false)});
  SetBlock block{std::move(to), filters(), {}};
  block.body = block_until("endset");
  push(out, at, std::move(block));
}

void Parser::loop(Body& out, Position at) {
  For loop;
  loop.target = target("in", false);
  if (!skip_name("in")) fail("expected 'in', got " + described(now()));
  loop.items = tuple(false, "recursive", false);
  if (skip_name("if")) loop.filter = expression();
  loop.recursive = skip_name("recursive");
  ++in_loop_;
  loop.body = body_until({"endfor", "else"});
  --in_loop_;
  if (next().text == "else") loop.otherwise = block_until("endfor");
  push(out, at, std::move(loop));
}

void Parser::condition(Body& out, Position at) {
  If branches;
  ++soft_;
  for (std::string word = "if"; word != "endif"; word = next().text) {
    if (word == "else") {
      branches.otherwise = block_until("endif", true);
      break;
    }
    ExprPtr test = tuple(false, {}, false);
    branches.branches.emplace_back(std::move(test), body_until({"elif", "else", "endif"}, true));
  }
  --soft_;
  push(out, at, std::move(branches));
}

void Parser::with(Body& out, Position at) {
  With with;
  while (now().kind != TokenKind::block_end) {
    if (!with.variables.empty()) expect_op(",");
    ExprPtr to = target({}, false);
    expect_op("=");
    with.variables.emplace_back(std::move(to), expression());
  }
  with.body = block_until("endwith");
  push(out, at, std::move(with));
}

void Parser::signature(Callable& callable) {
  expect_op("(");
  while (!is_op(")")) {
    if (!callable.parameters.empty()) expect_op(",");
    const Position at = now().at;
    const std::string name = expect_name();
    not_a_keyword(name, at);
    for (const Parameter& other : callable.parameters) {
      if (other.text == name) fail("two parameters are called " + quote(name), at);
    }
    Parameter parameter{id_of(name), name};
    if (skip_op("=")) {
      parameter.fallback = expression();
    } else if (!callable.parameters.empty() && callable.parameters.back().fallback) {
      fail("a parameter without a default follows one that has one", at);
    }
    callable.parameters.push_back(std::move(parameter));
  }
  expect_op(")");
}

void Parser::callable_body(Callable& callable, std::string_view end) {
  const int loops = std::exchange(in_loop_, 0);
  callables_.push_back(&callable);
  callable.body = block_until(end);
  callables_.pop_back();
  in_loop_ = loops;
  for (const Parameter& parameter : callable.parameters) {
    if (callable.uses_caller && parameter.text == "caller" && !parameter.fallback) {
      fail("the parameter 'caller' needs a default");
    }
  }
}

void Parser::macro(Body& out, Position at) {
  auto callable = std::make_shared<Callable>();
  const Position name_at = now().at;
  callable->name = expect_name();
  not_a_keyword(callable->name, name_at);
  const NameId name = id_of(callable->name);
  signature(*callable);
  callable_body(*callable, "endmacro");
  push(out, at, MacroDefinition{name, std::move(callable)});
}

void Parser::call_block(Body& out, Position at) {
  auto callable = std::make_shared<Callable>();
  callable->name = "caller";
  if (is_op("(")) signature(*callable);
  ExprPtr call = expression();
  if (call->kind != Expr::Kind::chain || call->links.back().kind != Link::Kind::call) {
    fail("a call is expected", at);
  }
  callable_body(*callable, "endcall");
  push(out, at, CallBlock{std::move(callable), std::move(call)});
}

void Parser::filter_block(Body& out, Position at) {
  FilterBlock block;
  block.filters.push_back(filter_link());
  for (Link& link : filters()) block.filters.push_back(std::move(link));
  block.body = block_until("endfilter");
  push(out, at, std::move(block));
}

void Parser::generation(Body& out, Position at) {
  Generation generation{.body = {}, .top_level = callables_.empty()};
  const int loops = std::exchange(in_loop_, 0);
  generation.body = block_until("endgeneration");
  in_loop_ = loops;
  push(out, at, std::move(generation));
}

void Parser::named_block(Body& out, Position at) {
  NamedBlock block{expect_name(), false, {}};
  if (std::find(blocks_.begin(), blocks_.end(), block.name) != blocks_.end()) {
    fail("block " + quote(block.name) + " is defined twice", at);
  }
  blocks_.push_back(block.name);
  block.scoped = skip_name("scoped");
  const bool required = skip_name("required");
  if (is_op("-")) fail("the name of a block cannot have a hyphen");
  const int loops = std::exchange(in_loop_, 0);
  block.body = block_until("endblock");
  in_loop_ = loops;
  skip_name(block.name);
  if (required) fail("block " + quote(block.name) + " is required and nothing can provide it", at);
  push(out, at, std::move(block));
}

void Parser::auto_escape(Body& out, Position at) {
  ExprPtr on = expression();
  Body body = block_until("endautoescape");
  push(out, at, AutoEscape{std::move(on), std::move(body)});
}

void Parser::print_tag(Body& out, Position at) {
  Print print;
  while (now().kind != TokenKind::block_end) {
    if (!print.values.empty()) expect_op(",");
    print.values.push_back(expression());
  }
  push(out, at, std::move(print));
}

void Parser::jump(Body& out, Position at, bool leave) {
  if (in_loop_ == 0) fail(leave ? "break outside of a loop" : "continue outside of a loop", at);
  if (leave) return push(out, at, Break{});
  push(out, at, Continue{});
}

// There is nothing to load from. The reference says so when the tag is reached.
void Parser::refused(Body& out, Position at, const std::string& name) {
  while (now().kind != TokenKind::block_end && now().kind != TokenKind::end) next();
  push(out, at, Refused{"'" + name + "' is refused: there is nowhere to load templates from"});
}

}  // namespace typecase::chat
