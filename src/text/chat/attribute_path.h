#pragma once

#include "text/chat/value.h"

#include <vector>

namespace typecase::chat {

class Interpreter;

/// The `attribute` argument of filters: "a.b.0", a number, or None for the item itself.
class AttributePath {
 public:
  /// `otherwise` replaces what is undefined on the way, when it is given.
  explicit AttributePath(const Value& path, Value otherwise = Value::missing());
  /// "a,b.c": several paths; a path of None is the item itself.
  static std::vector<AttributePath> list(const Value& paths);

  Value of(Interpreter& in, Value item) const;

 private:
  std::vector<Value> parts_{};
  Value otherwise_;
};

/// Strings in lower case, unless case counts.
Value without_case(Value value, bool keep_case, Meter* meter);

}  // namespace typecase::chat
