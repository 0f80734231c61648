#include "text/chat/value.h"

#include "base/utf8.h"
#include "text/chat/big_integer.h"

#include <typecase/error.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

namespace typecase::chat {
namespace {

constexpr std::size_t kObjectBytes = 96;  // the object, its counters and its place in a list
constexpr std::size_t kSmallDict = 8;     // searched without an index

bool has_children(const Value& value) {
  return value.kind() >= Kind::list && value.kind() != Kind::range;
}

Value sequence(Kind kind, std::vector<Value> items, Meter* meter) {
  auto out = std::make_shared<Sequence>();
  if (meter != nullptr) meter->list_size(items.size());
  out->charge(meter, kObjectBytes + items.size() * sizeof(Value));
  out->items = std::move(items);
  return Value::of(kind, std::move(out));
}

}  // namespace

Object::~Object() {
  if (meter_ != nullptr) meter_->give_back(charged_);
}

void Object::charge(Meter* meter, std::size_t bytes) {
  if (meter == nullptr) return;
  meter->take(bytes);
  meter_ = meter;
  charged_ += bytes;
}

Value Value::missing() {
  Value out;
  out.kind_ = Kind::missing;
  return out;
}
Value Value::none() {
  Value out;
  out.kind_ = Kind::none;
  return out;
}
Value Value::boolean(bool v) {
  Value out;
  out.kind_ = Kind::boolean;
  out.scalar_.b = v;
  return out;
}
Value Value::integer(std::int64_t v) {
  Value out;
  out.kind_ = Kind::integer;
  out.scalar_.i = v;
  return out;
}
Value Value::real(double v) {
  Value out;
  out.kind_ = Kind::real;
  out.scalar_.d = v;
  return out;
}
Value Value::of(Kind kind, std::shared_ptr<Object> object) {
  Value out;
  out.kind_ = kind;
  out.object_ = std::move(object);
  return out;
}
Value Value::string(Text text, Meter* meter, bool markup) {
  auto out = std::make_shared<String>();
  if (meter != nullptr) {
    meter->string_size(text.size());
    meter->work(text.size());
  }
  out->charge(meter, kObjectBytes + text.size() + text.caller.size() * sizeof(ByteSpan));
  out->length = count_code_points(text.bytes);
  out->text = std::move(text);
  out->markup = markup;
  return of(Kind::string, std::move(out));
}
Value Value::list(std::vector<Value> items, Meter* meter) {
  return sequence(Kind::list, std::move(items), meter);
}
Value Value::tuple(std::vector<Value> items, Meter* meter) {
  return sequence(Kind::tuple, std::move(items), meter);
}
Value Value::undefined(std::string message, bool unsafe) {
  auto out = std::make_shared<Undefined>();
  out->message = std::move(message);
  out->unsafe = unsafe;
  return of(Kind::undefined, std::move(out));
}

const String& Value::as_string() const noexcept { return get<String>(); }
const Text& Value::text() const noexcept { return get<String>().text; }
const std::vector<Value>& Value::items() const noexcept { return get<Sequence>().items; }

void bury(std::vector<Value>&& values) noexcept {
  thread_local std::vector<std::vector<Value>> pit;
  thread_local bool digging = false;
  pit.push_back(std::move(values));
  if (digging) return;
  digging = true;
  while (!pit.empty()) {
    // The destructors of the children put what they hold into the pit.
    std::vector<Value> grave = std::move(pit.back());
    pit.pop_back();
    grave.clear();
  }
  digging = false;
}

Sequence::~Sequence() {
  if (std::any_of(items.begin(), items.end(), has_children)) bury(std::move(items));
}
Iterator::~Iterator() { bury(std::move(items)); }
Dict::~Dict() {
  std::vector<Value> nested;
  for (auto& [key, value] : items) {
    if (has_children(key)) nested.push_back(std::move(key));
    if (has_children(value)) nested.push_back(std::move(value));
  }
  if (!nested.empty()) bury(std::move(nested));
}
Namespace::~Namespace() {
  std::vector<Value> nested;
  for (auto& [name, value] : attributes) nested.push_back(std::move(value));
  bury(std::move(nested));
}

std::int64_t Range::size() const noexcept {
  // The distance may need 65 bits.
  const auto low = static_cast<std::uint64_t>(step > 0 ? start : stop);
  const auto high = static_cast<std::uint64_t>(step > 0 ? stop : start);
  if (step > 0 ? start >= stop : start <= stop) return 0;
  const std::uint64_t stride =
      step > 0 ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
  return static_cast<std::int64_t>((high - low - 1) / stride + 1);
}

const Value* Namespace::find(std::string_view name) const {
  for (const auto& [key, value] : attributes) {
    if (key == name) return &value;
  }
  return nullptr;
}

void Namespace::set(std::string_view name, Value value) {
  for (auto& [key, old] : attributes) {
    if (key == name) {
      old = std::move(value);
      return;
    }
  }
  attributes.emplace_back(std::string(name), std::move(value));
}

std::size_t Dict::position(const Value& key, std::size_t hash) const {
  if (items.size() <= kSmallDict) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (same_key(items[i].first, key)) return i;
    }
    return items.size();
  }
  index_all();
  for (auto [it, end] = index_.equal_range(hash); it != end; ++it) {
    if (same_key(items[it->second].first, key)) return it->second;
  }
  return items.size();
}

void Dict::index_all() const {
  for (std::size_t i = index_.size(); i < items.size(); ++i) {
    index_.emplace(hash_of(items[i].first), i);
  }
}

const Value* Dict::find(const Value& key) const {
  const std::size_t at = position(key, hash_of(key));
  return at < items.size() ? &items[at].second : nullptr;
}

const Value* Dict::find(std::string_view key) const {
  if (items.size() > kSmallDict) return find(Value::string(Text(key), nullptr));
  for (const auto& [name, value] : items) {
    if (name.is_string() && name.text().bytes == key) return &value;
  }
  return nullptr;
}

void Dict::set(Value key, Value value) {
  const std::size_t at = position(key, hash_of(key));
  if (at < items.size()) {
    items[at].second = std::move(value);
  } else {
    items.emplace_back(std::move(key), std::move(value));
  }
}

std::size_t hash_of(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean:
    case Kind::integer:
      return std::hash<std::int64_t>()(value.as_integer());
    case Kind::big_integer:
      return std::hash<double>()(value.get<Big>().value.to_double());
    case Kind::real: {
      const double d = value.as_real();
      // Equal numbers have equal hashes, whatever their type.
      if (std::nearbyint(d) == d && std::fabs(d) < 9.2e18) {
        return std::hash<std::int64_t>()(static_cast<std::int64_t>(d));
      }
      return std::hash<double>()(d);
    }
    case Kind::string:
      return std::hash<std::string>()(value.text().bytes);
    case Kind::tuple: {
      std::size_t h = 0x9e3779b9;
      for (const Value& item : value.items()) h = std::rotl(h, 5) * 31 + hash_of(item);
      return h;
    }
    case Kind::list:
    case Kind::dict:
      throw Error(Code::invalid_argument,
                  std::string("unhashable type: '") + type_name(value) + "'");
    default:
      return static_cast<std::size_t>(value.kind()) + std::hash<const Object*>()(value.address());
  }
}

bool same_key(const Value& a, const Value& b) {
  if (a.is_string() || b.is_string()) {
    return a.is_string() && b.is_string() && a.text().bytes == b.text().bytes;
  }
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (a.kind() != b.kind()) return false;
  if (a.is(Kind::tuple)) {
    if (a.items().size() != b.items().size()) return false;
    for (std::size_t i = 0; i < a.items().size(); ++i) {
      if (!same_key(a.items()[i], b.items()[i])) return false;
    }
    return true;
  }
  return a.is_undefined() || a.is_none() || a.address() == b.address();
}

const char* type_name(const Value& value) {
  switch (value.kind()) {
    case Kind::missing:
    case Kind::undefined:
      return "Undefined";
    case Kind::none:
      return "NoneType";
    case Kind::boolean:
      return "bool";
    case Kind::integer:
    case Kind::big_integer:
      return "int";
    case Kind::real:
      return "float";
    case Kind::string:
      return value.as_string().markup ? "Markup" : "str";
    case Kind::list:
      return "list";
    case Kind::tuple:
      return "tuple";
    case Kind::dict:
      return "dict";
    case Kind::range:
      return "range";
    case Kind::view: {
      constexpr const char* kNames[] = {"dict_keys", "dict_values", "dict_items"};
      return kNames[static_cast<int>(value.get<View>().of)];
    }
    case Kind::iterator:
      return value.get<Iterator>().type;
    case Kind::name_space:
      return "TemplateNamespace";
    case Kind::loop:
      return "LoopContext";
    case Kind::macro:
      return "Macro";
    case Kind::function:
      return "builtin_function_or_method";
    case Kind::object:
      return "object";
  }
  return "object";
}

}  // namespace typecase::chat
