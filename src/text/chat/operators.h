#pragma once

#include "text/chat/ast.h"
#include "text/chat/value.h"

/// What Python's operators and built-in protocols do with values.
/// All throw Error(invalid_argument) where Python raises TypeError or ValueError, and charge
/// `meter`.
namespace typecase::chat {

inline constexpr int kMaxValueDepth = 200;  // of a value that is printed, compared or serialised

bool truth(const Value& value);
Value arithmetic(Expr::Op op, const Value& a, const Value& b, Meter* meter);
Value negated(const Value& value, Meter* meter);
bool compare(Expr::Op op, const Value& a, const Value& b, Meter* meter);
bool equal(const Value& a, const Value& b, Meter* meter, int depth = 0);
/// a < b; throws for values without an order.
bool less(const Value& a, const Value& b, Meter* meter, int depth = 0);
bool contains(const Value& container, const Value& item, Meter* meter);

/// All that iterating gives; walks an iterator to its end.
std::vector<Value> items_of(const Value& value, Meter* meter);
bool iterable(const Value& value);
/// len(), or nothing where Python raises TypeError.
std::optional<std::int64_t> length_of(const Value& value);

/// A whole number from a bool or int of 64 bits; throws otherwise.
std::int64_t index_of(const Value& value, std::string_view what);

/// Throws the error that using an undefined value is.
[[noreturn]] void fail_undefined(const Value& value);
[[noreturn]] void fail_value(std::string message);

/// Python's slice(start, stop, step).indices(length), as positions.
struct SliceRange {
  std::int64_t start, stop, step;
  std::int64_t size() const noexcept;
};
SliceRange slice_range(const Value& start, const Value& stop, const Value& step,
                       std::int64_t length);
/// value[start:stop:step] of strings, lists, tuples and ranges; undefined for other kinds.
Value sliced(const Value& value, const Value& start, const Value& stop, const Value& step,
             Meter* meter);

/// The byte offset of the code point number `index`.   REQUIRES: index ≤ length.
std::size_t byte_offset(const String& string, std::int64_t index);

/// `text` as HTML text: & < > ' " replaced.
Text escaped(const Text& text);
/// A string that is markup, as it is; anything else printed and escaped.
Text escaped(const Value& value, Meter* meter);

}  // namespace typecase::chat
