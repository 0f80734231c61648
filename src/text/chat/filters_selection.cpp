/// Filters that apply a filter, a test or an attribute to every item.
#include "text/chat/attribute_path.h"
#include "text/chat/interpreter.h"
#include "text/chat/operators.h"
#include "text/chat/tables.h"

#include <typecase/error.h>

namespace typecase::chat {
namespace {

const Builtin& named(Call& c, const Value& name, const Builtin* (*find)(std::string_view),
                     const char* what) {
  const Builtin* found = name.is_string() ? find(name.text().bytes) : nullptr;
  if (found == nullptr) {
    c.fail(std::string("there is no ") + what + " " +
           (name.is_string() ? quote(name.text().bytes) : type_name(name)));
  }
  return *found;
}

Value map_attribute(Call& c) {
  Value path = Value::none();
  Value otherwise = Value::missing();
  for (Keyword& keyword : c.keywords) {
    if (keyword.name == "attribute") {
      path = keyword.value;
    } else if (keyword.name == "default") {
      if (!keyword.value.is_none()) otherwise = keyword.value;
    } else {
      c.fail("unexpected keyword argument " + quote(keyword.name));
    }
  }
  const AttributePath attribute(path, otherwise);
  std::vector<Value> out;
  for (Value& item : items_of(c.self, c.meter()))
    out.push_back(attribute.of(c.in, std::move(item)));
  return iterator_of(std::move(out), c.meter());
}

Value map(Call& c) {
  if (!truth(c.self)) return iterator_of({}, c.meter());
  const auto is_attribute = [](const Keyword& k) { return k.name == "attribute"; };
  if (c.args.empty() && std::any_of(c.keywords.begin(), c.keywords.end(), is_attribute)) {
    return map_attribute(c);
  }
  if (c.args.empty()) c.fail("needs the name of a filter");
  const Builtin& filter = named(c, c.args[0], find_filter, "filter");
  const std::vector<Value> rest(c.args.begin() + 1, c.args.end());
  std::vector<Value> out;
  for (Value& item : items_of(c.self, c.meter())) {
    out.push_back(c.in.run_builtin(filter, std::move(item), rest, c.keywords));
  }
  return iterator_of(std::move(out), c.meter());
}

/// select, reject and their attr forms: items for which a test, or truth itself, is `wanted`.
template <bool wanted, bool attribute>
Value selected(Call& c) {
  if (!truth(c.self)) return iterator_of({}, c.meter());
  if (attribute && c.args.empty()) c.fail("needs the name of an attribute");
  const AttributePath path(attribute ? c.args[0] : Value::none());
  constexpr std::size_t kName = attribute ? 1 : 0;
  const Builtin* test =
      c.args.size() > kName ? &named(c, c.args[kName], find_test, "test") : nullptr;
  std::vector<Value> rest;
  for (std::size_t i = kName + 1; i < c.args.size(); ++i) rest.push_back(c.args[i]);
  std::vector<Value> out;
  for (Value& item : items_of(c.self, c.meter())) {
    Value asked = path.of(c.in, item);
    const bool yes = truth(
        test != nullptr ? c.in.run_builtin(*test, std::move(asked), rest, c.keywords) : asked);
    if (yes == wanted) out.push_back(std::move(item));
  }
  return iterator_of(std::move(out), c.meter());
}

// Like value.name, without looking at items.
Value attr(Call& c) {
  c.bind({"name"}, 1);
  if (c.self.is_dict()) {
    if (find_method(Kind::dict, c.text(0).bytes) == nullptr &&
        !is_mutator(Kind::dict, c.text(0).bytes) && !c.text(0).bytes.starts_with("__")) {
      return Value::undefined("'dict' has no attribute " + quote(c.text(0).bytes));
    }
  }
  return c.in.attribute(c.self, c.text(0).bytes);
}

constexpr Builtin kFilters[] = {
    {"map", map},
    {"select", selected<true, false>},
    {"reject", selected<false, false>},
    {"selectattr", selected<true, true>},
    {"rejectattr", selected<false, true>},
    {"attr", attr},
};

}  // namespace

std::span<const Builtin> selection_filters() { return kFilters; }

}  // namespace typecase::chat
