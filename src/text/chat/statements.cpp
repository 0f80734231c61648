#include "text/chat/interpreter.h"
#include "text/chat/operators.h"
#include "text/chat/print.h"

#include <typecase/error.h>

namespace typecase::chat {

Interpreter::Flow Interpreter::run(const Body& body) {
  for (const Statement& statement : body) {
    const Flow flow = run(statement);
    if (flow != Flow::normal) return flow;
  }
  return Flow::normal;
}

Interpreter::Flow Interpreter::run(const Statement& statement) {
  const Deeper deeper(*this);
  here_ = statement.at;
  return std::visit([this](const auto& what) { return exec(what); }, statement.what);
}

void Interpreter::emit(const Text& text) {
  meter_.work(text.size());
  if (out_ == main_output_) {
    meter_.output_size(out_->size() + text.size());
  } else {
    meter_.string_size(out_->size() + text.size());
  }
  out_->append(text);
}

void Interpreter::print(const Value& value) {
  if (autoescape_) return emit(escaped(value, &meter_));
  if (value.is_string()) return emit(value.text());
  emit(str(value, &meter_));
}

Interpreter::Flow Interpreter::exec(const Data& data) {
  emit(data.text.text());
  return Flow::normal;
}

Interpreter::Flow Interpreter::exec(const Print& output) {
  for (const ExprPtr& e : output.values) print(eval(*e));
  return Flow::normal;
}

Interpreter::Flow Interpreter::exec(const Set& set) {
  assign(*set.target, eval(*set.value));
  return Flow::normal;
}

FramePtr Interpreter::inner_frame() const {
  auto out = std::make_shared<Frame>();
  out->outer = frame_;
  return out;
}

Interpreter::Flow Interpreter::exec(const SetBlock& block) {
  Text text;
  {
    const Scope scope(*this, inner_frame());
    Capture capture(*this);
    const Flow flow = run(block.body);
    if (flow != Flow::normal) return flow;
    text = std::move(capture.text);
  }
  Value value = text_value(std::move(text), autoescape_);
  assign(*block.target, apply_all(block.filters, std::move(value)));
  return Flow::normal;
}

Interpreter::Flow Interpreter::exec(const If& branches) {
  for (const auto& [test, body] : branches.branches) {
    if (truth(eval(*test))) return run(body);
  }
  return run(branches.otherwise);
}

Interpreter::Flow Interpreter::exec(const For& loop) {
  iterate(loop, eval(*loop.items), 0);
  return Flow::normal;
}

std::vector<Value> Interpreter::filtered(const For& loop, std::vector<Value> items) {
  if (!loop.filter) return items;
  std::vector<Value> out;
  for (Value& item : items) {
    const Scope scope(*this, inner_frame());
    assign(*loop.target, item);
    if (truth(eval(*loop.filter))) out.push_back(std::move(item));
  }
  return out;
}

void Interpreter::iterate(const For& loop, const Value& over, std::int64_t depth0) {
  auto state = std::make_shared<Loop>();
  state->items = filtered(loop, items_of(over, &meter_));
  state->charge(&meter_, 256 + state->items.size() * sizeof(Value));
  state->depth0 = depth0;
  state->outer = frame_;
  if (loop.recursive) state->recursive = &loop;
  if (state->items.empty()) {
    const Scope scope(*this, inner_frame());
    run(loop.otherwise);
    return;
  }
  iterate_body(loop, state);
}

Interpreter::Flow Interpreter::iterate_body(const For& loop, const std::shared_ptr<Loop>& state) {
  const bool needs_loop = loop_name_ >= 0;
  FramePtr frame = inner_frame();
  for (std::size_t i = 0; i < state->items.size(); ++i) {
    meter_.step();
    state->index0 = static_cast<std::int64_t>(i);
    if (frame.use_count() > 1) {  // a macro of the last round holds it
      frame = inner_frame();
    } else {
      frame->variables.clear();
    }
    const Scope scope(*this, frame);
    if (needs_loop) frame->variables.emplace_back(loop_name_, Value::of(Kind::loop, state));
    assign(*loop.target, state->items[i]);
    if (run(loop.body) == Flow::leave) break;
  }
  return Flow::normal;
}

FramePtr Interpreter::captured() {
  if (frame_ && (frames_.empty() || frames_.back() != frame_)) {
    meter_.take(sizeof(Frame) + 128);  // until the end of the render
    frames_.push_back(frame_);
  }
  return frame_;
}

Interpreter::Flow Interpreter::exec(const MacroDefinition& definition) {
  auto macro = std::make_shared<MacroObject>();
  macro->charge(&meter_, sizeof(MacroObject) + 64);
  macro->callable = definition.callable;
  macro->outer = captured();
  Expr target;
  target.kind = Expr::Kind::name;
  target.name = definition.name;
  assign(target, Value::of(Kind::macro, std::move(macro)));
  return Flow::normal;
}

Interpreter::Flow Interpreter::exec(const CallBlock& block) {
  auto macro = std::make_shared<MacroObject>();
  macro->charge(&meter_, sizeof(MacroObject) + 64);
  macro->callable = block.callable;
  macro->outer = captured();
  const Keyword caller{"caller", Value::of(Kind::macro, std::move(macro))};
  print(eval_chain(*block.call, &caller));
  return Flow::normal;
}

Interpreter::Flow Interpreter::exec(const FilterBlock& block) {
  const Scope scope(*this, inner_frame());
  Text text;
  {
    Capture capture(*this);
    const Flow flow = run(block.body);
    if (flow != Flow::normal) return flow;
    text = std::move(capture.text);
  }
  print(apply_all(block.filters, text_value(std::move(text), autoescape_)));
  return Flow::normal;
}

Interpreter::Flow Interpreter::exec(const With& with) {
  const FramePtr frame = inner_frame();
  for (const auto& [target, value] : with.variables) {
    Value evaluated = eval(*value);  // outside: the variables do not see each other
    const Scope scope(*this, frame);
    assign(*target, std::move(evaluated));
  }
  const Scope scope(*this, frame);
  return run(with.body);
}

Interpreter::Flow Interpreter::exec(const AutoEscape& escape) {
  const bool saved = std::exchange(autoescape_, truth(eval(*escape.on)));
  const Scope scope(*this, inner_frame());
  const Flow flow = run(escape.body);
  autoescape_ = saved;
  return flow;
}

// A block sees the top level, and what surrounds it only when it says `scoped`.
Interpreter::Flow Interpreter::exec(const NamedBlock& block) {
  FramePtr frame = std::make_shared<Frame>();
  if (block.scoped) frame->outer = frame_;
  const Scope scope(*this, std::move(frame));
  return run(block.body);
}

Interpreter::Flow Interpreter::exec(const Generation& generation) {
  const Scope scope(*this, inner_frame());
  const std::size_t begin = out_->size();
  run(generation.body);
  if (generation.top_level && out_ == main_output_) generation_->push_back({begin, out_->size()});
  return Flow::normal;
}

Interpreter::Flow Interpreter::exec(const Refused& refused) { fail_value(refused.why); }

void Interpreter::assign(const Expr& target, Value value) {
  switch (target.kind) {
    case Expr::Kind::name:
      if (frame_) return frame_->set(target.name, std::move(value));
      top_[static_cast<std::size_t>(target.name)] = std::move(value);
      return;
    case Expr::Kind::attribute_target:
      return assign_attribute(target, std::move(value));
    default:
      return assign_all(target, value);
  }
}

void Interpreter::assign_all(const Expr& targets, const Value& value) {
  if (!iterable(value)) fail_value(std::string("cannot unpack '") + type_name(value) + "'");
  std::vector<Value> items = items_of(value, &meter_);
  if (items.size() != targets.kids.size()) {
    fail_value("cannot unpack " + std::to_string(items.size()) + " values into " +
               std::to_string(targets.kids.size()) + " names");
  }
  for (std::size_t i = 0; i < items.size(); ++i) assign(*targets.kids[i], std::move(items[i]));
}

void Interpreter::assign_attribute(const Expr& target, Value value) {
  here_ = target.at;
  Expr name;
  name.kind = Expr::Kind::name;
  name.at = target.at;
  name.name = target.name;
  const Value space = eval_name(name);
  if (!space.is(Kind::name_space)) {
    fail_value("attributes can be set on namespaces only, not on '" +
               std::string(type_name(space)) + "'");
  }
  if (target.text.starts_with('_')) {
    fail_value("a namespace cannot have the attribute " + quote(target.text) +
               ": it begins with an underscore");
  }
  auto& attributes = space.get<Namespace>();
  if (attributes.find(target.text) == nullptr) {
    attributes.charge(&meter_, 64 + target.text.size());
  }
  attributes.set(target.text, std::move(value));
}

}  // namespace typecase::chat
