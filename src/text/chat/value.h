#pragma once

#include "text/chat/meter.h"
#include "text/chat/text.h"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace typecase::chat {

enum class Kind : std::uint8_t {
  missing,  // an argument that was not given; templates never see it
  undefined,
  none,
  boolean,
  integer,      // 64 bits
  big_integer,  // what does not fit
  real,
  string,
  list,
  tuple,
  dict,
  range,
  view,      // d.keys(), d.values(), d.items()
  iterator,  // what lazy filters return: can be walked once
  name_space,
  loop,
  macro,
  function,  // built-in, possibly bound to a value
  object,    // cycler, joiner
};

/// Whatever lives on the heap; memory is counted while it lives.
struct Object {
  Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object();
  /// Counts `bytes` more against `meter`, which must outlive this object.
  void charge(Meter* meter, std::size_t bytes);

 private:
  Meter* meter_ = nullptr;
  std::size_t charged_ = 0;
};

struct String;
struct Sequence;
struct Dict;
struct Range;
struct View;
struct Iterator;
struct Namespace;
struct Loop;
struct MacroObject;
struct Function;
struct Custom;
struct Big;
struct Undefined;

/// A Python-like value. Cheap to copy: what lives on the heap is shared and, but for namespaces,
/// iterators and loops, never changes.
class Value {
 public:
  Value() = default;
  static Value missing();
  static Value none();
  static Value boolean(bool v);
  static Value integer(std::int64_t v);
  static Value real(double v);
  /// For counting: `meter` may be nullptr for values that belong to the template.
  static Value string(Text text, Meter* meter, bool markup = false);
  static Value list(std::vector<Value> items, Meter* meter);
  static Value tuple(std::vector<Value> items, Meter* meter);
  static Value undefined(std::string message, bool unsafe = false);
  static Value of(Kind kind, std::shared_ptr<Object> object);

  Kind kind() const noexcept { return kind_; }
  bool is(Kind kind) const noexcept { return kind_ == kind; }
  bool given() const noexcept { return kind_ != Kind::missing; }
  bool is_undefined() const noexcept { return kind_ == Kind::undefined; }
  bool is_none() const noexcept { return kind_ == Kind::none; }
  bool is_string() const noexcept { return kind_ == Kind::string; }
  bool is_dict() const noexcept { return kind_ == Kind::dict; }
  /// bool, int or float.
  bool is_number() const noexcept { return kind_ >= Kind::boolean && kind_ <= Kind::real; }
  bool is_integral() const noexcept { return kind_ >= Kind::boolean && kind_ <= Kind::big_integer; }
  bool is_sequence() const noexcept { return kind_ == Kind::list || kind_ == Kind::tuple; }

  // REQUIRES for all below: the kind fits.
  bool as_bool() const noexcept { return scalar_.b; }
  std::int64_t as_integer() const noexcept {
    return kind_ == Kind::boolean ? static_cast<std::int64_t>(scalar_.b) : scalar_.i;
  }
  double as_real() const noexcept { return scalar_.d; }
  const String& as_string() const noexcept;
  const Text& text() const noexcept;
  const std::vector<Value>& items() const noexcept;  // list or tuple
  template <class T>
  T& get() const noexcept {
    return static_cast<T&>(*object_);
  }
  const Object* address() const noexcept { return object_.get(); }
  const std::shared_ptr<Object>& object() const noexcept { return object_; }

 private:
  Kind kind_ = Kind::undefined;
  union {
    bool b;
    std::int64_t i;
    double d;
  } scalar_{.i = 0};
  std::shared_ptr<Object> object_{};
};

struct String final : Object {
  Text text{};
  std::size_t length = 0;  // code points
  bool markup = false;     // HTML that needs no escaping
  bool ascii() const noexcept { return length == text.size(); }
};

struct Undefined final : Object {
  std::string message{};
  bool unsafe = false;  // a refused attribute: using it is a security error
};

struct Sequence final : Object {
  ~Sequence() override;
  std::vector<Value> items{};
  bool group = false;  // a (grouper, list) pair of the filter groupby
};

/// Keeps the order of insertion; keys are compared as Python compares them.
struct Dict final : Object {
  ~Dict() override;
  std::vector<std::pair<Value, Value>> items{};

  const Value* find(const Value& key) const;
  const Value* find(std::string_view key) const;
  /// REQUIRES: `key` is hashable.
  void set(Value key, Value value);

 private:
  std::size_t position(const Value& key, std::size_t hash) const;
  void index_all() const;
  mutable std::unordered_multimap<std::size_t, std::size_t> index_{};  // hash → position
};

struct Range final : Object {
  std::int64_t start = 0, stop = 0, step = 1;
  std::int64_t size() const noexcept;
  Value at(std::int64_t i) const { return Value::integer(start + i * step); }
};

struct View final : Object {
  enum class Of { keys, values, items };
  Value dict{};
  Of of = Of::items;
};

struct Iterator final : Object {
  ~Iterator() override;
  std::vector<Value> items{};
  std::size_t next = 0;
  const char* type = "generator";
};

struct Namespace final : Object {
  ~Namespace() override;
  std::vector<std::pair<std::string, Value>> attributes{};
  const Value* find(std::string_view name) const;
  void set(std::string_view name, Value value);
};

/// Dict keys and set members: throws Error(invalid_argument) for lists and dicts.
std::size_t hash_of(const Value& value);
/// Equality of keys: of scalars, strings and tuples of such.
bool same_key(const Value& a, const Value& b);

/// Python's name of the type: "str", "list", …
const char* type_name(const Value& value);

/// Frees values that may be nested without end, without recursion.
void bury(std::vector<Value>&& values) noexcept;

}  // namespace typecase::chat
