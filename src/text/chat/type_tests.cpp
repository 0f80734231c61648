/// The tests behind `is`.
#include "text/chat/characters.h"
#include "text/chat/interpreter.h"
#include "text/chat/operators.h"
#include "text/chat/print.h"
#include "text/chat/tables.h"

#include <typecase/error.h>

namespace typecase::chat {
namespace {

using Op = Expr::Op;

template <class Test>
Value answer(Call& c, Test test) {
  c.count(0, 0);
  return Value::boolean(test(c.self));
}

template <Kind kind>
Value is_kind(Call& c) {
  return answer(c, [](const Value& v) { return v.is(kind); });
}

template <bool wanted>
Value is_bool(Call& c) {
  return answer(c, [](const Value& v) { return v.is(Kind::boolean) && v.as_bool() == wanted; });
}

template <Op op>
Value compared(Call& c) {
  c.count(1, 1);
  return Value::boolean(compare(op, c.self, c.args[0], c.meter()));
}

Value remainder(Call& c, const Value& by) { return arithmetic(Op::modulo, c.self, by, c.meter()); }

template <int wanted>
Value has_parity(Call& c) {
  c.count(0, 0);
  return Value::boolean(equal(remainder(c, Value::integer(2)), Value::integer(wanted), c.meter()));
}

Value divisible_by(Call& c) {
  c.bind({"num"}, 1);
  return Value::boolean(equal(remainder(c, c[0]), Value::integer(0), c.meter()));
}

Value is_lower_case(Call& c) {
  c.self = Value::string(c.self_text(), c.meter());
  return c.in.run_builtin(*find_method(Kind::string, "islower"), c.self, {});
}
Value is_upper_case(Call& c) {
  c.self = Value::string(c.self_text(), c.meter());
  return c.in.run_builtin(*find_method(Kind::string, "isupper"), c.self, {});
}

bool callable(const Value& v) {
  return v.is(Kind::function) || v.is(Kind::macro) || v.is(Kind::loop) || v.is(Kind::object) ||
         v.is_undefined();
}

bool is_sequence(const Value& v) {
  return v.is_undefined() || v.is_string() || v.is_sequence() || v.is_dict() || v.is(Kind::range);
}

bool same_object(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (a.is_none()) return true;
  if (a.is(Kind::boolean)) return a.as_bool() == b.as_bool();
  // Python keeps one object for each of these small numbers.
  if (a.is(Kind::integer)) {
    return a.as_integer() == b.as_integer() && a.as_integer() >= -5 && a.as_integer() <= 256;
  }
  return a.address() != nullptr && a.address() == b.address();
}

Value same_as(Call& c) {
  c.bind({"other"}, 1);
  return Value::boolean(same_object(c.self, c[0]));
}

Value is_in(Call& c) {
  c.bind({"seq"}, 1);
  return Value::boolean(contains(c[0], c.self, c.meter()));
}

Value is_filter(Call& c) {
  return answer(
      c, [](const Value& v) { return v.is_string() && find_filter(v.text().bytes) != nullptr; });
}
Value is_test(Call& c) {
  return answer(
      c, [](const Value& v) { return v.is_string() && find_test(v.text().bytes) != nullptr; });
}
Value is_defined(Call& c) {
  return answer(c, [](const Value& v) { return !v.is_undefined(); });
}
Value is_integer(Call& c) {
  return answer(c, [](const Value& v) { return v.is(Kind::integer) || v.is(Kind::big_integer); });
}
Value is_number(Call& c) {
  return answer(c, [](const Value& v) { return v.is_number(); });
}
Value is_iterable(Call& c) { return answer(c, iterable); }
Value is_callable(Call& c) { return answer(c, callable); }
Value is_sequence_like(Call& c) { return answer(c, is_sequence); }
Value is_escaped(Call& c) {
  return answer(c, [](const Value& v) { return v.is_string() && v.as_string().markup; });
}

constexpr Builtin kTests[] = {
    {"odd", has_parity<1>},
    {"even", has_parity<0>},
    {"divisibleby", divisible_by},
    {"defined", is_defined},
    {"undefined", is_kind<Kind::undefined>},
    {"filter", is_filter},
    {"test", is_test},
    {"none", is_kind<Kind::none>},
    {"boolean", is_kind<Kind::boolean>},
    {"false", is_bool<false>},
    {"true", is_bool<true>},
    {"integer", is_integer},
    {"float", is_kind<Kind::real>},
    {"lower", is_lower_case},
    {"upper", is_upper_case},
    {"string", is_kind<Kind::string>},
    {"mapping", is_kind<Kind::dict>},
    {"number", is_number},
    {"sequence", is_sequence_like},
    {"iterable", is_iterable},
    {"callable", is_callable},
    {"sameas", same_as},
    {"escaped", is_escaped},
    {"in", is_in},
    {"==", compared<Op::equal>},
    {"eq", compared<Op::equal>},
    {"equalto", compared<Op::equal>},
    {"!=", compared<Op::unequal>},
    {"ne", compared<Op::unequal>},
    {">", compared<Op::greater>},
    {"gt", compared<Op::greater>},
    {"greaterthan", compared<Op::greater>},
    {"ge", compared<Op::greater_equal>},
    {">=", compared<Op::greater_equal>},
    {"<", compared<Op::less>},
    {"lt", compared<Op::less>},
    {"lessthan", compared<Op::less>},
    {"<=", compared<Op::less_equal>},
    {"le", compared<Op::less_equal>},
};

}  // namespace

const Builtin* find_test(std::string_view name) { return find_in(kTests, name); }

}  // namespace typecase::chat
