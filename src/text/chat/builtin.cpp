#include "text/chat/builtin.h"

#include "text/chat/interpreter.h"
#include "text/chat/operators.h"
#include "text/chat/print.h"

#include <typecase/error.h>

namespace typecase::chat {

void Call::bind(std::initializer_list<std::string_view> names, std::size_t required) {
  if (args.size() > names.size()) {
    fail("takes at most " + std::to_string(names.size()) + " arguments, got " +
         std::to_string(args.size()));
  }
  args.resize(names.size(), Value::missing());
  for (Keyword& keyword : keywords) {
    std::size_t i = 0;
    while (i < names.size() && names.begin()[i] != keyword.name) ++i;
    if (i == names.size()) fail("has no argument " + quote(keyword.name));
    if (args[i].given()) fail("got two values for the argument " + quote(keyword.name));
    args[i] = std::move(keyword.value);
  }
  for (std::size_t i = 0; i < required; ++i) {
    if (!args[i].given()) fail("needs the argument " + quote(names.begin()[i]));
  }
}

void Call::count(std::size_t least, std::size_t most) const {
  if (!keywords.empty()) fail("takes no keyword arguments");
  if (args.size() < least || args.size() > most) {
    fail("takes " + std::to_string(least) + " to " + std::to_string(most) + " arguments, got " +
         std::to_string(args.size()));
  }
}

const Text& Call::text(std::size_t i) const {
  if (args[i].is_undefined()) fail_undefined(args[i]);
  if (!args[i].is_string()) fail(std::string("needs a string, got '") + type_name(args[i]) + "'");
  return args[i].text();
}

Text Call::text_or(std::size_t i, std::string_view otherwise) const {
  return given(i) ? text(i) : Text(otherwise);
}

std::int64_t Call::integer(std::size_t i) const { return index_of(args[i], name); }

std::int64_t Call::integer_or(std::size_t i, std::int64_t otherwise) const {
  return given(i) ? integer(i) : otherwise;
}

bool Call::truth_or(std::size_t i, bool otherwise) const {
  return given(i) ? truth(args[i]) : otherwise;
}

Meter* Call::meter() const { return &in.meter(); }

Value Call::string(Text text) const {
  return Value::string(std::move(text), meter(), self.is_string() && self.as_string().markup);
}

Value Call::list(std::vector<Value> items) const { return Value::list(std::move(items), meter()); }

Text Call::self_text() const { return str(self, meter()); }

void Call::fail(std::string_view message) const {
  fail_value(std::string(name) + ": " + std::string(message));
}

}  // namespace typecase::chat
