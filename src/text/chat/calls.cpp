/// What is called, and what . and [] find.
#include "text/chat/big_integer.h"
#include "text/chat/interpreter.h"
#include "text/chat/operators.h"

#include <typecase/error.h>

#include <algorithm>
#include <iterator>
#include <optional>

namespace typecase::chat {
namespace {

Value no_attribute(const Value& of, std::string_view name) {
  return Value::undefined("'" + std::string(type_name(of)) + "' has no attribute " + quote(name));
}

Value unsafe(const Value& of, std::string_view name) {
  return Value::undefined(
      "access to attribute " + quote(name) + " of '" + std::string(type_name(of)) + "' is unsafe",
      true);
}

/// Attributes that every Python object has.
bool every_object_has(std::string_view name) {
  constexpr std::string_view kOfAll[] = {"__class__",        "__doc__",
                                         "__init__",         "__repr__",
                                         "__str__",          "__eq__",
                                         "__ne__",           "__lt__",
                                         "__le__",           "__gt__",
                                         "__ge__",           "__hash__",
                                         "__dir__",          "__format__",
                                         "__reduce__",       "__new__",
                                         "__reduce_ex__",    "__sizeof__",
                                         "__setattr__",      "__delattr__",
                                         "__getattribute__", "__init_subclass__",
                                         "__subclasshook__"};
  return std::find(std::begin(kOfAll), std::end(kOfAll), name) != std::end(kOfAll);
}

/// Refused when used: Python's own attributes, and methods that change a value.
bool is_unsafe(const Value& of, std::string_view name) {
  return every_object_has(name) || is_mutator(of.kind(), name);
}

std::optional<Value> range_attribute(const Range& range, std::string_view name) {
  if (name == "start") return Value::integer(range.start);
  if (name == "stop") return Value::integer(range.stop);
  if (name == "step") return Value::integer(range.step);
  return std::nullopt;
}

}  // namespace

Value Interpreter::run_builtin(const Builtin& builtin, Value self, std::vector<Value> args,
                               std::vector<Keyword> keywords) {
  meter_.step();
  Call call{*this, builtin.name, std::move(self), std::move(args), std::move(keywords)};
  return builtin.function(call);
}

Value Interpreter::call(const Value& callee, std::vector<Value> args,
                        std::vector<Keyword> keywords) {
  meter_.step();
  switch (callee.kind()) {
    case Kind::undefined:
      fail_undefined(callee);
    case Kind::macro:
      return call_macro(callee.get<MacroObject>(), std::move(args), std::move(keywords));
    case Kind::loop:
      return call_loop(callee, args);
    case Kind::function: {
      const auto& function = callee.get<Function>();
      return run_builtin(*function.builtin, function.self, std::move(args), std::move(keywords));
    }
    case Kind::object:
      if (const Builtin* method = find_method(Kind::object, "()")) {
        return run_builtin(*method, callee, std::move(args), std::move(keywords));
      }
      [[fallthrough]];
    default:
      fail_value(std::string("'") + type_name(callee) + "' object is not callable");
  }
}

Value Interpreter::call_macro(const MacroObject& macro, std::vector<Value> args,
                              std::vector<Keyword> keywords) {
  if (calls_ >= kMaxCallDepth) {
    throw Error(Code::limit, "the call depth limit is reached: more than " +
                                 std::to_string(kMaxCallDepth) + " macros call each other");
  }
  const Position called_at = here_;
  auto frame = std::make_shared<Frame>();
  frame->outer = macro.outer;
  const Scope scope(*this, std::move(frame));
  // A parameter's default may call the macro again, so binding counts as part of the call.
  ++calls_;
  bind_parameters(macro, args, keywords);
  Capture capture(*this);
  run(macro.callable->body);
  --calls_;
  here_ = called_at;
  return text_value(std::move(capture.text), autoescape_);
}

void Interpreter::bind_parameters(const MacroObject& macro, std::vector<Value>& args,
                                  std::vector<Keyword>& keywords) {
  const Callable& callable = *macro.callable;
  std::size_t given = 0;
  for (const Parameter& parameter : callable.parameters) {
    std::optional<Value> value;
    if (given < args.size()) {
      value = std::move(args[given++]);
    } else {
      const auto keyword = std::find_if(keywords.begin(), keywords.end(),
                                        [&](const Keyword& k) { return k.name == parameter.text; });
      if (keyword != keywords.end()) {
        value = std::move(keyword->value);
        keywords.erase(keyword);
      } else if (parameter.fallback) {
        value = eval(*parameter.fallback);
      } else {
        value = Value::undefined("parameter " + quote(parameter.text) + " was not provided");
      }
    }
    frame_->set(parameter.name, std::move(*value));
  }
  args.erase(args.begin(), args.begin() + static_cast<std::ptrdiff_t>(given));
  bind_rest(callable, args, keywords);
}

void Interpreter::bind_rest(const Callable& callable, std::vector<Value>& args,
                            std::vector<Keyword>& keywords) {
  const bool own_caller = frame_->find(caller_name_) != nullptr;
  if (callable.uses_caller && !own_caller) {
    Value caller = Value::undefined("No caller defined");
    for (auto keyword = keywords.begin(); keyword != keywords.end(); ++keyword) {
      if (keyword->name != "caller") continue;
      if (!keyword->value.is_none()) caller = std::move(keyword->value);
      keywords.erase(keyword);
      break;
    }
    frame_->set(caller_name_, std::move(caller));
  }
  if (callable.uses_kwargs) {
    auto rest = std::make_shared<Dict>();
    rest->charge(&meter_, 128 + keywords.size() * 64);
    for (Keyword& keyword : keywords) rest->set(text_value(keyword.name), std::move(keyword.value));
    frame_->set(kwargs_name_, Value::of(Kind::dict, std::move(rest)));
  } else if (!keywords.empty()) {
    fail_value("macro " + quote(callable.name) + " takes no keyword argument " +
               quote(keywords[0].name));
  }
  if (callable.uses_varargs) {
    frame_->set(varargs_name_, Value::tuple(std::move(args), &meter_));
  } else if (!args.empty()) {
    fail_value("macro " + quote(callable.name) + " takes not more than " +
               std::to_string(callable.parameters.size()) + " arguments");
  }
}

Value Interpreter::call_loop(const Value& loop, const std::vector<Value>& args) {
  const auto& state = loop.get<Loop>();
  if (state.recursive == nullptr) {
    fail_value("the loop must have the 'recursive' marker to be called");
  }
  if (args.size() != 1) fail_value("loop() takes one argument");
  if (calls_ >= kMaxCallDepth) {
    throw Error(Code::limit, "the call depth limit is reached: more than " +
                                 std::to_string(kMaxCallDepth) + " levels of a recursive loop");
  }
  const Scope scope(*this, state.outer);
  Capture capture(*this);
  ++calls_;
  iterate(*state.recursive, args[0], state.depth0 + 1);
  --calls_;
  return text_value(std::move(capture.text), autoescape_);
}

Value Interpreter::loop_attribute(const Loop& loop, std::string_view name) {
  const auto size = static_cast<std::int64_t>(loop.items.size());
  const std::int64_t i = loop.index0;
  if (name == "index") return Value::integer(i + 1);
  if (name == "index0") return Value::integer(i);
  if (name == "revindex") return Value::integer(size - i);
  if (name == "revindex0") return Value::integer(size - i - 1);
  if (name == "first") return Value::boolean(i == 0);
  if (name == "last") return Value::boolean(i + 1 == size);
  if (name == "length") return Value::integer(size);
  if (name == "depth") return Value::integer(loop.depth0 + 1);
  if (name == "depth0") return Value::integer(loop.depth0);
  if (name == "previtem") {
    if (i == 0) return Value::undefined("there is no previous item");
    return loop.items[static_cast<std::size_t>(i - 1)];
  }
  if (name == "nextitem") {
    if (i + 1 == size) return Value::undefined("there is no next item");
    return loop.items[static_cast<std::size_t>(i + 1)];
  }
  return Value::missing();
}

// What the value itself has under that name, before its items are looked at.
const Value* Interpreter::own_attribute(const Value& of, std::string_view name, Value& made) {
  if (of.is(Kind::name_space)) {
    if (const Value* value = of.get<Namespace>().find(name)) return value;
  }
  if (of.is(Kind::loop)) {
    made = loop_attribute(of.get<Loop>(), name);
    if (made.given()) return &made;
  }
  if (of.is(Kind::range)) {
    if (const auto value = range_attribute(of.get<Range>(), name)) {
      made = *value;
      return &made;
    }
  }
  if (of.is(Kind::object) && name == "current") {
    made = run_builtin(*find_method(Kind::object, name), of, {});
    return &made;
  }
  if (of.is(Kind::macro) && name == "name") {
    made = text_value(Text(of.get<MacroObject>().callable->name));
    return &made;
  }
  if (of.is(Kind::tuple) && of.get<Sequence>().group && (name == "grouper" || name == "list")) {
    return &of.items()[name == "list" ? 1 : 0];
  }
  // The class dict has one method: dict.fromkeys.
  const bool class_dict = of.is(Kind::function) && of.get<Function>().builtin->name == "dict";
  const Kind kind = class_dict && name == "fromkeys" ? Kind::dict : of.kind();
  if (const Builtin* method = find_method(kind, name); method != nullptr && name != "()") {
    auto function = std::make_shared<Function>();
    function->charge(&meter_, sizeof(Function) + 32);
    function->builtin = method;
    function->self = of;
    made = Value::of(Kind::function, std::move(function));
    return &made;
  }
  return nullptr;
}

Value Interpreter::attribute(const Value& of, std::string_view name) {
  if (of.is_undefined()) {
    if (every_object_has(name)) return unsafe(of, name);
    fail_undefined(of);
  }
  if (is_unsafe(of, name)) return unsafe(of, name);
  Value made;
  if (const Value* value = own_attribute(of, name, made)) return *value;
  if (of.is_dict()) {
    if (const Value* value = of.get<Dict>().find(name)) return *value;
  }
  return no_attribute(of, name);
}

// of[index] where the value has items; `found` says whether there was one.
Value Interpreter::plain_item(const Value& of, const Value& index, bool& found) {
  found = true;
  if (of.is_dict()) {
    if (index.is(Kind::list) || index.is_dict()) {
      found = false;
      return {};
    }
    if (const Value* value = of.get<Dict>().find(index)) return *value;
  } else if (index.is(Kind::integer) || index.is(Kind::boolean)) {
    const auto length = of.is(Kind::view) || of.is(Kind::loop) ? std::nullopt : length_of(of);
    if (length && !of.is_undefined()) {
      std::int64_t at = index.as_integer();
      if (at < 0) at += *length;
      if (at >= 0 && at < *length) {
        if (of.is(Kind::range)) return of.get<Range>().at(at);
        if (!of.is_string()) return of.items()[static_cast<std::size_t>(at)];
        return sliced(of, Value::integer(at), Value::integer(at + 1), Value::none(), &meter_);
      }
    }
  }
  found = false;
  return {};
}

Value Interpreter::item(const Value& of, const Value& index) {
  if (of.is_undefined()) fail_undefined(of);
  bool found = false;
  Value out = plain_item(of, index, found);
  if (found) return out;
  if (index.is_string()) {
    const std::string& name = index.text().bytes;
    if (is_unsafe(of, name)) return unsafe(of, name);
    Value made;
    if (const Value* value = own_attribute(of, name, made)) return *value;
    return no_attribute(of, name);
  }
  return Value::undefined("'" + std::string(type_name(of)) + "' has no such element");
}

}  // namespace typecase::chat
