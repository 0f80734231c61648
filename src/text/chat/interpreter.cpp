#include "text/chat/interpreter.h"

#include <typecase/error.h>

#include <new>
#include <stdexcept>

namespace typecase::chat {

const Value* Frame::find(NameId name) const noexcept {
  for (const auto& [id, value] : variables) {
    if (id == name) return &value;
  }
  return nullptr;
}

void Frame::set(NameId name, Value value) {
  for (auto& [id, old] : variables) {
    if (id == name) {
      old = std::move(value);
      return;
    }
  }
  variables.emplace_back(name, std::move(value));
}

Interpreter::Interpreter(const Program& program, Meter& meter, const std::optional<ClockTime>& now)
    : program_(program), meter_(meter), now_(now), top_(program.names.size()) {
  for (std::size_t i = 0; i < program.names.size(); ++i) {
    if (const Builtin* global = find_global(program.names[i])) {
      auto function = std::make_shared<Function>();
      function->builtin = global;
      top_[i] = Value::of(Kind::function, std::move(function));
    }
  }
  loop_name_ = id_of("loop");
  caller_name_ = id_of("caller");
  varargs_name_ = id_of("varargs");
  kwargs_name_ = id_of("kwargs");
}

// Namespaces, frames and loops are all that can hold themselves.
Interpreter::~Interpreter() {
  for (const auto& frame : frames_) {
    frame->variables.clear();
    frame->outer.reset();
  }
  for (const auto& space : namespaces_) space->attributes.clear();
  for (const auto& loop : loops_) {
    loop->items.clear();
    loop->last_changed = Value();
  }
}

NameId Interpreter::id_of(std::string_view name) const {
  const auto found = program_.ids.find(std::string(name));
  return found == program_.ids.end() ? -1 : found->second;
}

void Interpreter::define(std::string_view name, Value value) {
  const NameId id = id_of(name);
  if (id >= 0) top_[static_cast<std::size_t>(id)] = std::move(value);
}

Text Interpreter::run(Spans& generation) {
  Text output;
  out_ = main_output_ = &output;
  generation_ = &generation;
  // The one place that knows where the template stood when something failed.
  try {
    run(program_.body);
  } catch (const Error& error) {
    throw program_.source.error(error.code(), error.message(), here_);
  } catch (const std::bad_alloc&) {
    throw program_.source.error(Code::limit, "the memory limit is reached", here_);
  } catch (const std::length_error&) {
    throw program_.source.error(Code::limit, "the memory limit is reached", here_);
  }
  return output;
}

Interpreter::Deeper::Deeper(Interpreter& in) : in_(in) {
  in_.meter_.step();
  if (++in_.depth_ > kMaxEvaluation) {
    --in_.depth_;
    throw Error(Code::limit, "the evaluation depth limit is reached: more than " +
                                 std::to_string(kMaxEvaluation) + " levels");
  }
}

}  // namespace typecase::chat
