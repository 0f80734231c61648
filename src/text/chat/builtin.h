#pragma once

#include "text/chat/value.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace typecase::chat {

class Interpreter;

struct Keyword {
  std::string name;
  Value value;
};

/// One call of a built-in: a filter, a test, a method or a global function.
struct Call {
  Interpreter& in;
  std::string_view name;  // what is called, for messages
  Value self{};           // what is filtered or tested, or whose method it is
  std::vector<Value> args{};
  std::vector<Keyword> keywords{};

  /// Moves keyword arguments to their places and fills the rest with `missing`.
  /// Throws Error(invalid_argument) for unknown, doubled, too many or too few arguments.
  void bind(std::initializer_list<std::string_view> names, std::size_t required = 0);
  /// For built-ins without keyword arguments.
  void count(std::size_t least, std::size_t most) const;

  // After bind(): the argument, or what holds when it is not given.
  const Value& operator[](std::size_t i) const { return args[i]; }
  bool given(std::size_t i) const { return i < args.size() && args[i].given(); }
  const Text& text(std::size_t i) const;
  Text text_or(std::size_t i, std::string_view otherwise) const;
  std::int64_t integer(std::size_t i) const;
  std::int64_t integer_or(std::size_t i, std::int64_t otherwise) const;
  bool truth_or(std::size_t i, bool otherwise) const;

  Meter* meter() const;
  Value string(Text text) const;  // a new string, markup when `self` is
  Value list(std::vector<Value> items) const;
  /// The text of `self`: itself, or what printing it gives.
  Text self_text() const;
  /// Throws Error(invalid_argument) "NAME: message".
  [[noreturn]] void fail(std::string_view message) const;
};

struct Builtin {
  std::string_view name;
  Value (*function)(Call&);
};

/// nullptr when there is none of that name.
const Builtin* find_filter(std::string_view name);
const Builtin* find_test(std::string_view name);
const Builtin* find_global(std::string_view name);
/// A method of a value of this kind.
const Builtin* find_method(Kind kind, std::string_view name);
/// A method that would change the value: refused.
bool is_mutator(Kind kind, std::string_view name);

/// A built-in as a value, bound to the value whose method it is.
struct Function final : Object {
  const Builtin* builtin = nullptr;
  Value self{};
};

}  // namespace typecase::chat
