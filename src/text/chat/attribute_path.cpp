#include "text/chat/attribute_path.h"

#include "text/chat/big_integer.h"
#include "text/chat/characters.h"
#include "text/chat/interpreter.h"

#include <algorithm>

namespace typecase::chat {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && text.size() <= 4300 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

template <class Use>
void for_each_part(std::string_view text, char separator, Use use) {
  for (;;) {
    const std::size_t end = text.find(separator);
    use(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

AttributePath::AttributePath(const Value& path, Value otherwise)
    : otherwise_(std::move(otherwise)) {
  if (path.is_none()) return;
  if (!path.is_string()) {
    parts_.push_back(path);
    return;
  }
  for_each_part(path.text().bytes, '.', [&](std::string_view part) {
    parts_.push_back(all_digits(part) ? integer_value(BigInteger::parse(part, 10), nullptr)
                                      : Value::string(part, nullptr));
  });
}

std::vector<AttributePath> AttributePath::list(const Value& paths) {
  std::vector<AttributePath> out;
  if (!paths.is_string()) {
    out.emplace_back(paths);
    return out;
  }
  for_each_part(paths.text().bytes, ',',
                [&](std::string_view path) { out.emplace_back(Value::string(path, nullptr)); });
  return out;
}

Value AttributePath::of(Interpreter& in, Value item) const {
  for (const Value& part : parts_) {
    item = in.item(item, part);
    if (otherwise_.given() && item.is_undefined()) item = otherwise_;
  }
  return item;
}

Value without_case(Value value, bool keep_case, Meter* meter) {
  if (keep_case || !value.is_string()) return value;
  meter->work(value.text().size());
  return Value::string(to_lower(value.text().bytes), meter);
}

}  // namespace typecase::chat
