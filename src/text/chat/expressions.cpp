#include "text/chat/interpreter.h"
#include "text/chat/operators.h"
#include "text/chat/print.h"

#include <typecase/error.h>

namespace typecase::chat {

using Node = Expr::Kind;

Value Interpreter::eval(const Expr& e) {
  const Deeper deeper(*this);
  switch (e.kind) {
    case Node::constant:
      return e.constant;
    case Node::name:
      return eval_name(e);
    case Node::tuple:
    case Node::list:
      return eval_items(e);
    case Node::dict:
      return eval_dict(e);
    case Node::arithmetic:
      return eval_arithmetic(e);
    case Node::compare:
      return eval_compare(e);
    case Node::concat:
      return eval_concat(e);
    case Node::logical_and:
    case Node::logical_or: {
      Value value = eval(*e.kids[0]);
      for (std::size_t i = 1; i < e.kids.size(); ++i) {
        if (truth(value) != (e.kind == Node::logical_and)) break;
        value = eval(*e.kids[i]);
      }
      return value;
    }
    case Node::logical_not:
      return Value::boolean(!truth(eval(*e.kids[0])));
    case Node::negative:
    case Node::positive: {
      Value value = eval(*e.kids[0]);
      here_ = e.at;
      Value minus = negated(value, &meter_);
      return e.kind == Node::negative ? minus : negated(minus, &meter_);
    }
    case Node::conditional:
      return eval_conditional(e);
    case Node::chain:
      return eval_chain(e);
    case Node::slice:
    case Node::attribute_target:
      break;
  }
  here_ = e.at;
  fail_value("a slice stands where a value is expected");
}

Value Interpreter::eval_name(const Expr& e) {
  for (const Frame* frame = frame_.get(); frame != nullptr; frame = frame->outer.get()) {
    if (const Value* value = frame->find(e.name)) return *value;
  }
  const auto& value = top_[static_cast<std::size_t>(e.name)];
  if (value) return *value;
  return Value::undefined(quote(name_of(e.name)) + " is undefined");
}

Value Interpreter::eval_items(const Expr& e) {
  std::vector<Value> items;
  items.reserve(e.kids.size());
  for (const ExprPtr& kid : e.kids) items.push_back(eval(*kid));
  here_ = e.at;
  return e.kind == Node::list ? Value::list(std::move(items), &meter_)
                              : Value::tuple(std::move(items), &meter_);
}

Value Interpreter::eval_dict(const Expr& e) {
  auto out = std::make_shared<Dict>();
  out->charge(&meter_, 128 + e.kids.size() * sizeof(Value));
  for (std::size_t i = 0; i < e.kids.size(); i += 2) {
    Value key = eval(*e.kids[i]);
    Value value = eval(*e.kids[i + 1]);
    here_ = e.at;
    hash_of(key);
    out->set(std::move(key), std::move(value));
  }
  return Value::of(Kind::dict, std::move(out));
}

Value Interpreter::eval_arithmetic(const Expr& e) {
  Value value = eval(*e.kids[0]);
  for (std::size_t i = 0; i < e.ops.size(); ++i) {
    const Value other = eval(*e.kids[i + 1]);
    here_ = e.at;
    value = arithmetic(e.ops[i], value, other, &meter_);
  }
  return value;
}

// a < b < c is a < b and b < c, with b evaluated once.
Value Interpreter::eval_compare(const Expr& e) {
  Value left = eval(*e.kids[0]);
  for (std::size_t i = 0; i < e.ops.size(); ++i) {
    Value right = eval(*e.kids[i + 1]);
    here_ = e.at;
    if (!compare(e.ops[i], left, right, &meter_)) return Value::boolean(false);
    left = std::move(right);
  }
  return Value::boolean(true);
}

Value Interpreter::eval_concat(const Expr& e) {
  Text out;
  bool markup = false;
  std::vector<Value> parts;
  for (const ExprPtr& kid : e.kids) {
    parts.push_back(eval(*kid));
    markup |= autoescape_ && parts.back().is_string() && parts.back().as_string().markup;
  }
  here_ = e.at;
  for (const Value& part : parts) {
    const Text text = markup ? escaped(part, &meter_) : str(part, &meter_);
    meter_.string_size(out.size() + text.size());
    out.append(text);
  }
  return text_value(std::move(out), markup);
}

Value Interpreter::eval_conditional(const Expr& e) {
  if (truth(eval(*e.kids[0]))) return eval(*e.kids[1]);
  if (e.kids[2]) return eval(*e.kids[2]);
  return Value::undefined("the inline if was false and has no else");
}

Value Interpreter::eval_chain(const Expr& e, const Keyword* extra) {
  Value value = eval(*e.kids[0]);
  for (std::size_t i = 0; i < e.links.size(); ++i) {
    const Link& link = e.links[i];
    const bool last = i + 1 == e.links.size();
    if (!last && link.kind == Link::Kind::attribute && e.links[i + 1].kind == Link::Kind::call &&
        !(extra != nullptr && i + 2 == e.links.size()) &&
        method_call(link, e.links[i + 1], value)) {
      ++i;
      continue;
    }
    value = apply(link, std::move(value), last ? extra : nullptr);
  }
  return value;
}

// value.name(arguments) of a built-in method, without making the bound method first.
bool Interpreter::method_call(const Link& attribute, const Link& call, Value& value) {
  if (!value.is_string() && !value.is_dict() && !value.is_sequence()) return false;
  const Builtin* method = find_method(value.kind(), attribute.name);
  if (method == nullptr) return false;
  std::vector<Value> args;
  std::vector<Keyword> keywords;
  eval_arguments(call.arguments, args, keywords);
  here_ = call.at;
  value = run_builtin(*method, std::move(value), std::move(args), std::move(keywords));
  return true;
}

Value Interpreter::apply_all(const std::vector<Link>& links, Value value) {
  for (const Link& link : links) value = apply(link, std::move(value), nullptr);
  return value;
}

Value Interpreter::apply(const Link& link, Value value, const Keyword* extra) {
  meter_.step();
  here_ = link.at;
  if (link.kind == Link::Kind::attribute) return attribute(value, link.name);
  if (link.kind == Link::Kind::item) return indexed(value, link);
  std::vector<Value> args;
  std::vector<Keyword> keywords;
  eval_arguments(link.arguments, args, keywords);
  if (extra != nullptr) keywords.push_back(*extra);
  here_ = link.at;
  if (link.kind == Link::Kind::call) return call(value, std::move(args), std::move(keywords));
  const bool test = link.kind == Link::Kind::test;
  if (link.builtin == nullptr) {
    fail_value(std::string("there is no ") + (test ? "test " : "filter ") + quote(link.name));
  }
  Value out = run_builtin(*link.builtin, std::move(value), std::move(args), std::move(keywords));
  if (!test) return out;
  return link.negated ? Value::boolean(!truth(out)) : out;
}

Value Interpreter::indexed(const Value& value, const Link& link) {
  const Expr& index = *link.index;
  if (index.kind != Node::slice) {
    const Value at = eval(index);
    here_ = link.at;
    return item(value, at);
  }
  const Value start = eval_or_none(index.kids[0]);
  const Value stop = eval_or_none(index.kids[1]);
  const Value step = eval_or_none(index.kids[2]);
  here_ = link.at;
  return sliced(value, start, stop, step, &meter_);
}

void Interpreter::eval_arguments(const Arguments& from, std::vector<Value>& args,
                                 std::vector<Keyword>& keywords) {
  for (const Argument& argument : from.given) {
    if (argument.keyword.empty()) {
      args.push_back(eval(*argument.value));
    } else {
      keywords.push_back({argument.keyword, eval(*argument.value)});
    }
  }
  if (from.star) {
    const std::vector<Value> more = items_of(eval(*from.star), &meter_);
    args.insert(args.end(), more.begin(), more.end());
  }
  if (from.star_star) spread(eval(*from.star_star), keywords);
}

void Interpreter::spread(const Value& value, std::vector<Keyword>& keywords) {
  if (!value.is_dict()) fail_value("the argument behind ** must be a dict");
  for (const auto& [key, item] : value.get<Dict>().items) {
    if (!key.is_string()) fail_value("keywords must be strings");
    for (const Keyword& other : keywords) {
      if (other.name == key.text().bytes) {
        fail_value("two values for the keyword argument " + quote(other.name));
      }
    }
    keywords.push_back({key.text().bytes, item});
  }
}

}  // namespace typecase::chat
