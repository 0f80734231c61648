/// Iteration, lengths and slices.
#include "base/utf8.h"
#include "text/chat/big_integer.h"
#include "text/chat/interpreter.h"
#include "text/chat/operators.h"

#include <typecase/error.h>

#include <algorithm>
#include <limits>

namespace typecase::chat {
namespace {

std::vector<Value> characters_of(const Value& string, Meter* meter) {
  const Text& text = string.text();
  meter->list_size(string.as_string().length);
  meter->elements(string.as_string().length);
  std::vector<Value> out;
  out.reserve(string.as_string().length);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = decode_utf8(text.bytes, i).size;
    out.push_back(Value::string(text.slice(i, i + size), meter));
    i += size;
  }
  return out;
}

std::vector<Value> items_of_view(const View& view, Meter* meter) {
  std::vector<Value> out;
  const auto& items = view.dict.get<Dict>().items;
  meter->elements(items.size());
  out.reserve(items.size());
  for (const auto& [key, value] : items) {
    if (view.of == View::Of::keys) out.push_back(key);
    if (view.of == View::Of::values) out.push_back(value);
    if (view.of == View::Of::items) out.push_back(Value::tuple({key, value}, meter));
  }
  return out;
}

std::int64_t clamped(const Value& value, std::int64_t otherwise, std::int64_t length, bool back) {
  if (value.is_none()) return otherwise;
  std::int64_t at = 0;
  if (value.is(Kind::big_integer)) {
    at = big_of(value).negative() ? std::numeric_limits<std::int64_t>::min() / 2
                                  : std::numeric_limits<std::int64_t>::max() / 2;
  } else {
    at = index_of(value, "a slice");
  }
  if (at < 0) at += length;
  if (at < 0) return back ? -1 : 0;
  return std::min(at, back ? length - 1 : length);
}

Value sliced_string(const Value& value, const SliceRange& range, Meter* meter) {
  const String& string = value.as_string();
  const std::int64_t size = range.size();
  if (range.step == 1) {
    const std::size_t begin = byte_offset(string, size == 0 ? 0 : range.start);
    const std::size_t end = size == 0 ? begin : byte_offset(string, range.start + size);
    return Value::string(string.text.slice(begin, end), meter, string.markup);
  }
  const std::vector<Value> all = characters_of(value, meter);
  Text out;
  for (std::int64_t i = 0; i < size; ++i) {
    out.append(all[static_cast<std::size_t>(range.start + i * range.step)].text());
  }
  return Value::string(std::move(out), meter, string.markup);
}

Value sliced_sequence(const Value& value, const SliceRange& range, Meter* meter) {
  std::vector<Value> out;
  meter->elements(static_cast<std::size_t>(range.size()));
  out.reserve(static_cast<std::size_t>(range.size()));
  for (std::int64_t i = 0; i < range.size(); ++i) {
    out.push_back(value.items()[static_cast<std::size_t>(range.start + i * range.step)]);
  }
  return value.is(Kind::list) ? Value::list(std::move(out), meter)
                              : Value::tuple(std::move(out), meter);
}

Value sliced_range(const Range& of, const SliceRange& range) {
  auto out = std::make_shared<Range>();
  out->start = of.start + range.start * of.step;
  out->step = of.step * range.step;
  out->stop = out->start + range.size() * out->step;
  return Value::of(Kind::range, std::move(out));
}

}  // namespace

std::optional<std::int64_t> length_of(const Value& value) {
  switch (value.kind()) {
    case Kind::undefined:
      return 0;
    case Kind::string:
      return static_cast<std::int64_t>(value.as_string().length);
    case Kind::list:
    case Kind::tuple:
      return static_cast<std::int64_t>(value.items().size());
    case Kind::dict:
      return static_cast<std::int64_t>(value.get<Dict>().items.size());
    case Kind::view:
      return static_cast<std::int64_t>(value.get<View>().dict.get<Dict>().items.size());
    case Kind::range:
      return value.get<Range>().size();
    case Kind::loop:
      return static_cast<std::int64_t>(value.get<Loop>().items.size());
    default:
      return std::nullopt;
  }
}

bool iterable(const Value& value) {
  switch (value.kind()) {
    case Kind::undefined:
    case Kind::string:
    case Kind::list:
    case Kind::tuple:
    case Kind::dict:
    case Kind::view:
    case Kind::range:
    case Kind::iterator:
    case Kind::loop:
      return true;
    default:
      return false;
  }
}

std::vector<Value> items_of(const Value& value, Meter* meter) {
  std::vector<Value> out;
  switch (value.kind()) {
    case Kind::undefined:
      return out;
    case Kind::string:
      return characters_of(value, meter);
    case Kind::list:
    case Kind::tuple:
      meter->elements(value.items().size());
      return value.items();
    case Kind::view:
      return items_of_view(value.get<View>(), meter);
    case Kind::dict:
      meter->elements(value.get<Dict>().items.size());
      for (const auto& item : value.get<Dict>().items) out.push_back(item.first);
      return out;
    case Kind::range: {
      const auto& range = value.get<Range>();
      meter->elements(static_cast<std::size_t>(range.size()));
      out.reserve(static_cast<std::size_t>(range.size()));
      for (std::int64_t i = 0; i < range.size(); ++i) out.push_back(range.at(i));
      return out;
    }
    case Kind::iterator: {
      auto& iterator = value.get<Iterator>();
      meter->elements(iterator.items.size());
      out.assign(iterator.items.begin() + static_cast<std::ptrdiff_t>(iterator.next),
                 iterator.items.end());
      iterator.next = iterator.items.size();
      return out;
    }
    default:
      fail_value(std::string("'") + type_name(value) + "' object is not iterable");
  }
}

std::int64_t index_of(const Value& value, std::string_view what) {
  if (value.is(Kind::boolean) || value.is(Kind::integer)) return value.as_integer();
  if (value.is_undefined()) fail_undefined(value);
  if (value.is(Kind::big_integer)) {
    throw Error(Code::limit, "the integer limit is reached: " + std::string(what) +
                                 " needs a number of 64 bits");
  }
  fail_value(std::string(what) + " needs a whole number, not '" + type_name(value) + "'");
}

std::int64_t SliceRange::size() const noexcept {
  if (step > 0) return start < stop ? (stop - start - 1) / step + 1 : 0;
  return start > stop ? (start - stop - 1) / -step + 1 : 0;
}

SliceRange slice_range(const Value& start, const Value& stop, const Value& step,
                       std::int64_t length) {
  const std::int64_t by =
      step.is_none()
          ? 1
          : std::clamp<std::int64_t>(step.is(Kind::big_integer)
                                         ? (big_of(step).negative() ? INT32_MIN : INT32_MAX)
                                         : index_of(step, "a slice"),
                                     -(std::int64_t{1} << 40), std::int64_t{1} << 40);
  if (by == 0) fail_value("slice step cannot be zero");
  const bool back = by < 0;
  return {clamped(start, back ? length - 1 : 0, length, back),
          clamped(stop, back ? -1 : length, length, back), by};
}

Value sliced(const Value& value, const Value& start, const Value& stop, const Value& step,
             Meter* meter) {
  if (!value.is_string() && !value.is_sequence() && !value.is(Kind::range)) {
    if (value.is_undefined()) fail_undefined(value);
    return Value::undefined(std::string("'") + type_name(value) + "' has no slices");
  }
  const SliceRange range = slice_range(start, stop, step, *length_of(value));
  if (value.is_string()) return sliced_string(value, range, meter);
  if (value.is(Kind::range)) return sliced_range(value.get<Range>(), range);
  return sliced_sequence(value, range, meter);
}

std::size_t byte_offset(const String& string, std::int64_t index) {
  if (string.ascii()) return static_cast<std::size_t>(index);
  std::size_t at = 0;
  for (; index > 0; --index) at += decode_utf8(string.text.bytes, at).size;
  return at;
}

}  // namespace typecase::chat
