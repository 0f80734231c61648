#pragma once

#include "text/chat/source.h"
#include "text/chat/value.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

/// A parsed template. Chains of operators, filters and postfixes are flat lists, so that the depth
/// of the tree is the nesting of the source, which the parser bounds.
namespace typecase::chat {

struct Builtin;
struct Expr;
struct Statement;
using ExprPtr = std::unique_ptr<Expr>;
using Body = std::vector<Statement>;
using NameId = std::int32_t;  // index of a variable's name

struct Argument {
  std::string keyword{};  // empty: positional
  ExprPtr value;
};

struct Arguments {
  std::vector<Argument> given{};
  ExprPtr star{};       // *list
  ExprPtr star_star{};  // **dict
};

/// What follows an expression: .name [index] (arguments) |filter is test
struct Link {
  enum class Kind { attribute, item, call, filter, test };
  Kind kind;
  Position at;
  std::string name{};  // attribute, filter, test
  ExprPtr index{};
  Arguments arguments{};
  const Builtin* builtin{};  // of filters and tests; nullptr: unknown, an error when reached
  bool negated = false;      // is not
};

struct Expr {
  enum class Kind {
    constant,
    name,
    tuple,
    list,
    dict,        // kids: key, value, key, value …
    slice,       // kids: start, stop, step, each may be null
    arithmetic,  // kids[0] ops[0] kids[1] ops[1] …, from the left
    compare,     // the same, chained
    concat,      // ~
    logical_and,
    logical_or,
    logical_not,
    negative,
    positive,
    conditional,       // kids: test, then, otherwise (may be null)
    chain,             // kids[0] links…
    attribute_target,  // of set: name.text = …
  };
  enum class Op : std::uint8_t {
    add,
    subtract,
    multiply,
    divide,
    floor_divide,
    modulo,
    power,
    equal,
    unequal,
    less,
    less_equal,
    greater,
    greater_equal,
    in,
    not_in,
  };

  Kind kind;
  Position at;
  Value constant{};
  NameId name = -1;
  std::string text{};
  std::vector<ExprPtr> kids{};
  std::vector<Op> ops{};
  std::vector<Link> links{};
};

struct Parameter {
  NameId name;
  std::string text;
  ExprPtr fallback{};
};

/// What a macro and the block of a call have in common.
struct Callable {
  std::string name{};  // of macros
  std::vector<Parameter> parameters{};
  bool uses_caller = false, uses_varargs = false, uses_kwargs = false;
  Body body;
};

struct Data {
  Value text;
};
struct Print {
  std::vector<ExprPtr> values{};
};
struct Set {
  ExprPtr target, value;
};
struct SetBlock {
  ExprPtr target;
  std::vector<Link> filters{};
  Body body;
};
struct If {
  std::vector<std::pair<ExprPtr, Body>> branches{};
  Body otherwise;
};
struct For {
  ExprPtr target, items, filter;
  bool recursive = false;
  Body body, otherwise;
};
struct MacroDefinition {
  NameId name;
  std::shared_ptr<const Callable> callable;
};
struct CallBlock {
  std::shared_ptr<const Callable> callable;
  ExprPtr call;
};
struct FilterBlock {
  std::vector<Link> filters{};
  Body body;
};
struct With {
  std::vector<std::pair<ExprPtr, ExprPtr>> variables{};
  Body body;
};
struct AutoEscape {
  ExprPtr on;
  Body body;
};
struct NamedBlock {
  std::string name;
  bool scoped = false;
  Body body;
};
struct Generation {
  Body body;
  bool top_level = false;
};
struct Break {};
struct Continue {};
struct Refused {
  std::string why;
};  // include, import, extends: there is no loader

struct Statement {
  Position at;
  std::variant<Data, Print, Set, SetBlock, If, For, MacroDefinition, CallBlock, FilterBlock, With,
               AutoEscape, NamedBlock, Generation, Break, Continue, Refused>
      what;
};

/// A whole template.
struct Program {
  explicit Program(std::string_view text) : source(text) {}

  Source source;
  std::vector<std::string> names{};  // by NameId
  std::unordered_map<std::string, NameId> ids{};
  Body body;
  std::string literal_text{};  // texts and string literals, each ended by '\0'
};

}  // namespace typecase::chat
