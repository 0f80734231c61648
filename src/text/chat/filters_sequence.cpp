/// Filters on sequences as a whole.
#include "text/chat/attribute_path.h"
#include "text/chat/interpreter.h"
#include "text/chat/merge_sort.h"
#include "text/chat/operators.h"
#include "text/chat/print.h"
#include "text/chat/string_pieces.h"
#include "text/chat/tables.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase::chat {
namespace {

Value length(Call& c) {
  c.bind({});
  const auto size = length_of(c.self);
  if (!size) c.fail(std::string("object of type '") + type_name(c.self) + "' has no length");
  return Value::integer(*size);
}

Value otherwise(Call& c) {
  c.bind({"default_value", "boolean"});
  const bool use = c.self.is_undefined() || (c.truth_or(1, false) && !truth(c.self));
  if (!use) return c.self;
  return c.given(0) ? c[0] : Value::string("", c.meter());
}

Value list(Call& c) {
  c.bind({});
  return c.list(items_of(c.self, c.meter()));
}

Value first(Call& c) {
  c.bind({});
  if (c.self.is(Kind::iterator)) {
    auto& iterator = c.self.get<Iterator>();
    if (iterator.next < iterator.items.size()) return iterator.items[iterator.next++];
  } else if (c.self.is_sequence()) {
    if (!c.self.items().empty()) return c.self.items().front();
  } else if (const auto items = items_of(c.self, c.meter()); !items.empty()) {
    return items.front();
  }
  return Value::undefined("No first item, sequence was empty.");
}

Value last(Call& c) {
  c.bind({});
  if (c.self.is(Kind::iterator)) {
    c.fail(std::string("'") + type_name(c.self) + "' object is not reversible");
  }
  if (c.self.is_sequence() && !c.self.items().empty()) return c.self.items().back();
  const auto items = items_of(c.self, c.meter());
  if (items.empty()) return Value::undefined("No last item, sequence was empty.");
  return items.back();
}

Value random_item(Call& c) {
  c.fail("is refused: the same conversation must always give the same text");
}

Value joined(Call& c) {
  c.bind({"d", "attribute"});
  std::vector<Value> items = items_of(c.self, c.meter());
  if (c.given(1) && !c[1].is_none()) {
    const AttributePath path(c[1]);
    for (Value& item : items) item = path.of(c.in, item);
  }
  const bool markup =
      c.in.autoescape() && std::any_of(items.begin(), items.end(), [](const Value& v) {
        return v.is_string() && v.as_string().markup;
      });
  const Text between =
      c.given(0) ? (markup ? escaped(c[0], c.meter()) : str(c[0], c.meter())) : Text();
  Text out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out.append(between);
    const Text text = markup ? escaped(items[i], c.meter()) : str(items[i], c.meter());
    c.meter()->work(text.size() + between.size());
    c.meter()->string_size(out.size() + text.size() + between.size());
    out.append(text);
  }
  return c.in.text_value(std::move(out), markup);
}

Value reversed(Call& c) {
  c.bind({});
  if (c.self.is_string()) {
    return sliced(c.self, Value::none(), Value::none(), Value::integer(-1), c.meter());
  }
  std::vector<Value> items = items_of(c.self, c.meter());
  std::reverse(items.begin(), items.end());
  if (c.self.is(Kind::iterator)) return c.list(std::move(items));
  return iterator_of(std::move(items), c.meter(), "list_reverseiterator");
}

// (value, key) pairs in order of the keys; equal keys keep their order.
std::vector<Value> sorted_by(std::vector<std::pair<Value, Value>> pairs, bool reverse,
                             Meter* meter) {
  merge_sort(pairs, [&](const auto& a, const auto& b) {
    return reverse ? less(b.second, a.second, meter) : less(a.second, b.second, meter);
  });
  std::vector<Value> out;
  for (auto& pair : pairs) out.push_back(std::move(pair.first));
  return out;
}

Value sort(Call& c) {
  c.bind({"reverse", "case_sensitive", "attribute"});
  const bool keep_case = c.truth_or(1, false);
  const auto paths = AttributePath::list(c.given(2) ? c[2] : Value::none());
  std::vector<std::pair<Value, Value>> pairs;
  for (Value& item : items_of(c.self, c.meter())) {
    std::vector<Value> keys;
    for (const AttributePath& path : paths) {
      keys.push_back(without_case(path.of(c.in, item), keep_case, c.meter()));
    }
    pairs.emplace_back(std::move(item), c.list(std::move(keys)));
  }
  return c.list(sorted_by(std::move(pairs), c.truth_or(0, false), c.meter()));
}

Value dict_sort(Call& c) {
  c.bind({"case_sensitive", "by", "reverse"});
  const std::string by = c.text_or(1, "key").bytes;
  if (by != "key" && by != "value") c.fail("can sort by 'key' or 'value' only");
  if (!c.self.is_dict()) c.fail(std::string("needs a dict, got '") + type_name(c.self) + "'");
  std::vector<std::pair<Value, Value>> pairs;
  for (const auto& [key, value] : c.self.get<Dict>().items) {
    pairs.emplace_back(Value::tuple({key, value}, c.meter()),
                       without_case(by == "key" ? key : value, c.truth_or(0, false), c.meter()));
  }
  return c.list(sorted_by(std::move(pairs), c.truth_or(2, false), c.meter()));
}

template <bool largest>
Value extreme(Call& c) {
  c.bind({"case_sensitive", "attribute"});
  const std::vector<Value> items = items_of(c.self, c.meter());
  if (items.empty()) return Value::undefined("No aggregated item, sequence was empty.");
  const AttributePath path(c.given(1) ? c[1] : Value::none());
  const auto key = [&](const Value& item) {
    return without_case(path.of(c.in, item), c.truth_or(0, false), c.meter());
  };
  std::size_t best = 0;
  Value best_key = key(items[0]);
  for (std::size_t i = 1; i < items.size(); ++i) {
    Value other = key(items[i]);
    if (largest ? less(best_key, other, c.meter()) : less(other, best_key, c.meter())) {
      best = i;
      best_key = std::move(other);
    }
  }
  return items[best];
}

Value unique(Call& c) {
  c.bind({"case_sensitive", "attribute"});
  const AttributePath path(c.given(1) ? c[1] : Value::none());
  Dict seen;
  std::vector<Value> out;
  for (Value& item : items_of(c.self, c.meter())) {
    Value key = without_case(path.of(c.in, item), c.truth_or(0, false), c.meter());
    if (seen.find(key) != nullptr) continue;
    seen.set(std::move(key), Value::none());
    out.push_back(std::move(item));
  }
  return iterator_of(std::move(out), c.meter());
}

Value group_by(Call& c) {
  c.bind({"attribute", "default", "case_sensitive"}, 1);
  const AttributePath path(c[0], c.given(1) && !c[1].is_none() ? c[1] : Value::missing());
  std::vector<std::pair<Value, Value>> pairs;
  for (Value& item : items_of(c.self, c.meter())) {
    Value key = without_case(path.of(c.in, item), c.truth_or(2, false), c.meter());
    pairs.emplace_back(std::move(item), std::move(key));
  }
  std::vector<Value> groups;
  std::vector<Value> members;
  Value key;
  const auto close = [&] {
    if (members.empty()) return;
    Value shown = path.of(c.in, members[0]);
    auto group = std::make_shared<Sequence>();
    group->charge(c.meter(), 128);
    group->items = {std::move(shown), c.list(std::move(members))};
    group->group = true;
    groups.push_back(Value::of(Kind::tuple, std::move(group)));
    members.clear();
  };
  for (Value& item : sorted_by(std::move(pairs), false, c.meter())) {
    Value own = without_case(path.of(c.in, item), c.truth_or(2, false), c.meter());
    if (members.empty() || !equal(own, key, c.meter())) {
      close();
      key = std::move(own);
    }
    members.push_back(std::move(item));
  }
  close();
  return c.list(std::move(groups));
}

Value sum(Call& c) {
  c.bind({"attribute", "start"});
  Value out = c.given(1) ? c[1] : Value::integer(0);
  if (out.is_string()) c.fail("cannot add strings; use join");
  const AttributePath path(c.given(0) ? c[0] : Value::none());
  for (const Value& item : items_of(c.self, c.meter())) {
    out = arithmetic(Expr::Op::add, out, path.of(c.in, item), c.meter());
  }
  return out;
}

Value batch(Call& c) {
  c.bind({"linecount", "fill_with"}, 1);
  const std::int64_t size = c.integer(0);
  std::vector<Value> rows;
  std::vector<Value> row;
  for (Value& item : items_of(c.self, c.meter())) {
    if (static_cast<std::int64_t>(row.size()) == size)
      rows.push_back(c.list(std::exchange(row, {})));
    row.push_back(std::move(item));
  }
  if (!row.empty()) {
    if (c.given(1) && !c[1].is_none() && static_cast<std::int64_t>(row.size()) < size) {
      c.meter()->list_size(static_cast<std::size_t>(size));
      row.resize(static_cast<std::size_t>(size), c[1]);
    }
    rows.push_back(c.list(std::move(row)));
  }
  return iterator_of(std::move(rows), c.meter());
}

Value slice(Call& c) {
  c.bind({"slices", "fill_with"}, 1);
  const std::vector<Value> items = items_of(c.self, c.meter());
  const std::int64_t slices = c.integer(0);
  if (slices == 0) c.fail("division by zero");
  std::vector<Value> out;
  if (slices > 0) {
    c.meter()->list_size(static_cast<std::size_t>(slices));
    const auto size = static_cast<std::int64_t>(items.size());
    auto at = items.begin();
    for (std::int64_t i = 0; i < slices; ++i) {
      c.meter()->step();
      const std::int64_t take = size / slices + (i < size % slices ? 1 : 0);
      std::vector<Value> part(at, at + take);
      at += take;
      if (c.given(1) && !c[1].is_none() && i >= size % slices) part.push_back(c[1]);
      out.push_back(c.list(std::move(part)));
    }
  }
  return iterator_of(std::move(out), c.meter());
}

Value items(Call& c) {
  c.bind({});
  if (c.self.is_undefined()) return iterator_of({}, c.meter());
  if (!c.self.is_dict()) c.fail("can only get item pairs from a mapping");
  auto view = std::make_shared<View>();
  view->dict = c.self;
  return iterator_of(items_of(Value::of(Kind::view, view), c.meter()), c.meter());
}

constexpr Builtin kFilters[] = {
    {"length", length},      {"count", length},      {"default", otherwise},
    {"d", otherwise},        {"list", list},         {"first", first},
    {"last", last},          {"join", joined},       {"random", random_item},
    {"reverse", reversed},   {"sort", sort},         {"dictsort", dict_sort},
    {"min", extreme<false>}, {"max", extreme<true>}, {"unique", unique},
    {"groupby", group_by},   {"sum", sum},           {"batch", batch},
    {"slice", slice},        {"items", items},
};

}  // namespace

std::span<const Builtin> sequence_filters() { return kFilters; }

Value iterator_of(std::vector<Value> items, Meter* meter, const char* type) {
  auto out = std::make_shared<Iterator>();
  meter->list_size(items.size());
  out->charge(meter, 128 + items.size() * sizeof(Value));
  out->items = std::move(items);
  out->type = type;
  return Value::of(Kind::iterator, std::move(out));
}

Value dict_of(std::vector<std::pair<Value, Value>> items, Meter* meter) {
  auto out = std::make_shared<Dict>();
  meter->list_size(items.size());
  out->charge(meter, 128 + items.size() * 2 * sizeof(Value));
  for (auto& [key, value] : items) out->set(std::move(key), std::move(value));
  return Value::of(Kind::dict, std::move(out));
}

}  // namespace typecase::chat
