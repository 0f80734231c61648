/// Methods of dicts, lists and tuples; which names would change a value.
#include "text/chat/interpreter.h"
#include "text/chat/operators.h"
#include "text/chat/tables.h"

#include <algorithm>

namespace typecase::chat {
namespace {

template <View::Of what>
Value view(Call& c) {
  c.count(0, 0);
  auto out = std::make_shared<View>();
  out->charge(c.meter(), 96);
  out->dict = c.self;
  out->of = what;
  return Value::of(Kind::view, std::move(out));
}

Value get(Call& c) {
  c.count(1, 2);
  if (const Value* found = c.self.get<Dict>().find(c.args[0])) return *found;
  return c.args.size() > 1 ? c.args[1] : Value::none();
}

Value copy(Call& c) {
  c.count(0, 0);
  return c.self;  // nothing can change either of them
}

Value from_keys(Call& c) {
  c.count(1, 2);
  std::vector<std::pair<Value, Value>> items;
  for (Value& key : items_of(c.args[0], c.meter())) {
    hash_of(key);
    items.emplace_back(std::move(key), c.args.size() > 1 ? c.args[1] : Value::none());
  }
  return dict_of(std::move(items), c.meter());
}

Value count(Call& c) {
  c.count(1, 1);
  std::int64_t n = 0;
  for (const Value& item : items_of(c.self, c.meter()))
    n += equal(item, c.args[0], c.meter()) ? 1 : 0;
  return Value::integer(n);
}

Value index(Call& c) {
  c.count(1, 3);
  const std::vector<Value> items = items_of(c.self, c.meter());
  const SliceRange range = slice_range(c.args.size() > 1 ? c.args[1] : Value::none(),
                                       c.args.size() > 2 ? c.args[2] : Value::none(), Value::none(),
                                       static_cast<std::int64_t>(items.size()));
  for (std::int64_t i = range.start; i < range.stop; ++i) {
    if (equal(items[static_cast<std::size_t>(i)], c.args[0], c.meter())) return Value::integer(i);
  }
  c.fail("the value is not in the list");
}

constexpr Builtin kDict[] = {
    {"get", get},
    {"items", view<View::Of::items>},
    {"keys", view<View::Of::keys>},
    {"values", view<View::Of::values>},
    {"copy", copy},
    {"fromkeys", from_keys},
};
constexpr Builtin kSequence[] = {{"count", count}, {"index", index}, {"copy", copy}};
constexpr Builtin kTuple[] = {{"count", count}, {"index", index}};

}  // namespace

std::span<const Builtin> container_methods(Kind kind) {
  if (kind == Kind::dict) return kDict;
  if (kind == Kind::list) return kSequence;
  return kTuple;
}

const Builtin* find_method(Kind kind, std::string_view name) {
  switch (kind) {
    case Kind::string:
      for (const auto table :
           {string_methods(), string_part_methods(), string_question_methods()}) {
        if (const Builtin* found = find_in(table, name)) return found;
      }
      return nullptr;
    case Kind::dict:
    case Kind::list:
    case Kind::tuple:
    case Kind::range:
      return find_in(container_methods(kind), name);
    case Kind::object:
      return find_in(object_methods(), name);
    case Kind::loop:
      return find_in(loop_methods(), name);
    default:
      return nullptr;
  }
}

bool is_mutator(Kind kind, std::string_view name) {
  constexpr std::string_view kListNames[] = {"append", "clear",  "extend",  "insert",
                                             "pop",    "remove", "reverse", "sort"};
  constexpr std::string_view kDictNames[] = {"clear", "pop", "popitem", "setdefault", "update"};
  const auto in = [&](const auto& names) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
  };
  if (kind == Kind::list) return in(kListNames);
  return kind == Kind::dict && in(kDictNames);
}

}  // namespace typecase::chat
