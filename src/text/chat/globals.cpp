/// Functions that every template sees.
#include "text/chat/clock.h"
#include "text/chat/interpreter.h"
#include "text/chat/operators.h"
#include "text/chat/print.h"
#include "text/chat/tables.h"

#include <typecase/error.h>

namespace typecase::chat {
namespace {

constexpr std::int64_t kMaxRange = 100'000;  // the reference's

/// Gives its values in turn.
struct Cycler final : Object {
  std::vector<Value> items{};
  std::size_t at = 0;
};

Value raise_exception(Call& c) {
  c.bind({"message"}, 1);
  fail_value("the template refuses: " + str(c[0], c.meter()).bytes.substr(0, 1000));
}

Value strftime_now(Call& c) {
  c.bind({"format"}, 1);
  return Value::string(format_time(c.in.now(), c.text(0).bytes, c.meter()), c.meter());
}

Value make_range(Call& c) {
  c.count(1, 3);
  auto out = std::make_shared<Range>();
  out->start = c.args.size() > 1 ? c.integer(0) : 0;
  out->stop = c.integer(c.args.size() > 1 ? 1 : 0);
  out->step = c.args.size() > 2 ? c.integer(2) : 1;
  if (out->step == 0) c.fail("the third argument must not be zero");
  const std::int64_t size = out->size();
  if (size < 0 || size > kMaxRange) {
    throw Error(Code::limit,
                "the range limit is reached: more than " + std::to_string(kMaxRange) + " elements");
  }
  return Value::of(Kind::range, std::move(out));
}

/// What dict(), namespace() and dict methods are given: a dict or pairs, and keywords.
std::vector<std::pair<Value, Value>> pairs_of(Call& c) {
  std::vector<std::pair<Value, Value>> out;
  if (c.args.size() > 1) c.fail("takes at most one positional argument");
  if (c.args.size() == 1 && c.args[0].is_dict()) {
    out = c.args[0].get<Dict>().items;
  } else if (c.args.size() == 1) {
    for (const Value& pair : items_of(c.args[0], c.meter())) {
      auto both = items_of(pair, c.meter());
      if (both.size() != 2) c.fail("needs pairs of a key and a value");
      hash_of(both[0]);
      out.emplace_back(std::move(both[0]), std::move(both[1]));
    }
  }
  for (Keyword& keyword : c.keywords) {
    out.emplace_back(Value::string(keyword.name, c.meter()), std::move(keyword.value));
  }
  return out;
}

Value make_dict(Call& c) { return dict_of(pairs_of(c), c.meter()); }

Value make_namespace(Call& c) {
  auto out = std::make_shared<Namespace>();
  out->charge(c.meter(), 256);
  for (auto& [key, value] : pairs_of(c)) {
    if (!key.is_string()) c.fail("names must be strings");
    if (key.text().bytes.starts_with('_')) {
      c.fail("a namespace cannot have the attribute " + quote(key.text().bytes) +
             ": it begins with an underscore");
    }
    out->set(key.text().bytes, std::move(value));
  }
  c.in.remember(out);
  return Value::of(Kind::name_space, std::move(out));
}

Value lorem(Call& c) { c.fail("is refused: the same conversation must always give the same text"); }

Value make_cycler(Call& c) {
  if (c.args.empty()) c.fail("needs at least one item");
  auto out = std::make_shared<Cycler>();
  out->charge(c.meter(), 128 + c.args.size() * sizeof(Value));
  out->items = std::move(c.args);
  return Value::of(Kind::object, std::move(out));
}

// A joiner is a cycler that stays on its second item: nothing first, then the separator.
struct Joiner final : Object {
  Value separator{};
  bool used = false;
};

Value make_joiner(Call& c) {
  c.bind({"sep"});
  auto out = std::make_shared<Joiner>();
  out->charge(c.meter(), 128);
  out->separator = c.given(0) ? c[0] : Value::string(", ", c.meter());
  return Value::of(Kind::object, std::move(out));
}

Value call_object(Call& c) {
  auto* joiner = dynamic_cast<Joiner*>(c.self.object().get());
  if (joiner == nullptr) fail_value("'Cycler' object is not callable");
  if (std::exchange(joiner->used, true)) return joiner->separator;
  return Value::string("", c.meter());
}

Cycler& cycler_of(Call& c) {
  auto* cycler = dynamic_cast<Cycler*>(c.self.object().get());
  if (cycler == nullptr) c.fail("is a method of cyclers");
  return *cycler;
}

Value cycler_next(Call& c) {
  Cycler& cycler = cycler_of(c);
  Value out = cycler.items[cycler.at];
  cycler.at = (cycler.at + 1) % cycler.items.size();
  return out;
}

Value cycler_current(Call& c) {
  const Cycler& cycler = cycler_of(c);
  return cycler.items[cycler.at];
}

Value cycler_reset(Call& c) {
  cycler_of(c).at = 0;
  return Value::none();
}

Value loop_cycle(Call& c) {
  if (c.args.empty()) c.fail("needs at least one item");
  const auto& loop = c.self.get<Loop>();
  return c.args[static_cast<std::size_t>(loop.index0) % c.args.size()];
}

Value loop_changed(Call& c) {
  auto loop = std::static_pointer_cast<Loop>(c.self.object());
  const Value now = Value::tuple(c.args, c.meter());
  if (loop->last_changed.is(Kind::tuple) && equal(loop->last_changed, now, c.meter())) {
    return Value::boolean(false);
  }
  if (loop->last_changed.is_undefined()) c.in.remember(loop);
  loop->last_changed = now;
  return Value::boolean(true);
}

constexpr Builtin kGlobals[] = {
    {"raise_exception", raise_exception},
    {"strftime_now", strftime_now},
    {"range", make_range},
    {"dict", make_dict},
    {"namespace", make_namespace},
    {"lipsum", lorem},
    {"cycler", make_cycler},
    {"joiner", make_joiner},
};
constexpr Builtin kObjectMethods[] = {{"()", call_object},
                                      {"next", cycler_next},
                                      {"reset", cycler_reset},
                                      {"current", cycler_current}};
constexpr Builtin kLoopMethods[] = {{"cycle", loop_cycle}, {"changed", loop_changed}};

}  // namespace

const Builtin* find_global(std::string_view name) { return find_in(kGlobals, name); }
std::span<const Builtin> object_methods() { return kObjectMethods; }
std::span<const Builtin> loop_methods() { return kLoopMethods; }

}  // namespace typecase::chat
