#include "base/utf8.h"

#include <typecase/error.h>
#include <typecase/json.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <unordered_set>

namespace typecase {
namespace {

int line_of(std::string_view text, std::size_t offset) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
  return 1 + static_cast<int>(std::count(text.begin(), end, '\n'));
}

/// Receives the parser's events and builds the value on an explicit stack: no recursion, so depth
/// costs memory only, and that is limited.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  bool null() override { return put(nullptr); }
  bool boolean(bool v) override { return put(v); }
  bool number_integer(number_integer_t v) override { return put(static_cast<std::int64_t>(v)); }
  bool number_unsigned(number_unsigned_t v) override {
    // Above 2⁶³ − 1 the exact value does not fit; as the reference's users meet it: a big number.
    if (v > static_cast<number_unsigned_t>(INT64_MAX)) return put(static_cast<double>(v));
    return put(static_cast<std::int64_t>(v));
  }
  bool number_float(number_float_t v, const string_t&) override { return put(v); }
  bool string(string_t& v) override { return put(std::move(v)); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(Json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override { return close(); }
  bool key(string_t& v) override {
    Level& top = stack_.back();
    if (!limits_.duplicate_keys && !top.seen.insert(v).second) {
      throw Error(Code::bad_file, "the key " + quote(v) + " appears twice in one object");
    }
    top.key = std::move(v);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& e) override {
    const std::size_t at = position > 0 ? position - 1 : 0;
    const int line = line_of(text_, at);
    if (e.id == 406) {
      throw Error(Code::bad_file, "not valid JSON: a number is out of range",
                  {.file = {}, .offset = at, .line = line});
    }
    const bool ended = at >= text_.size();
    throw Error(Code::bad_file,
                ended ? std::string("not valid JSON: the text ends too early; was it cut off?")
                      : "not valid JSON near " + quote(text_.substr(at, 20)),
                {.file = {}, .offset = at, .line = line});
  }

  Json take() { return std::move(result_); }

 private:
  struct Level {
    Json value;
    std::string key;
    std::unordered_set<std::string> seen;
  };

  bool put(Json v) {
    if (stack_.empty()) {
      result_ = std::move(v);
    } else if (stack_.back().value.is_array()) {
      stack_.back().value.push_back(std::move(v));
    } else {
      stack_.back().value.as_object().emplace_back(std::move(stack_.back().key), std::move(v));
    }
    return true;
  }
  bool open(Json v) {
    if (static_cast<int>(stack_.size()) >= limits_.depth) {
      throw Error(Code::limit, "JSON is nested deeper than " + std::to_string(limits_.depth));
    }
    stack_.push_back({std::move(v), {}, {}});
    return true;
  }
  bool close() {
    Json v = std::move(stack_.back().value);
    stack_.pop_back();
    return put(std::move(v));
  }

  std::string_view text_;
  const JsonLimits& limits_;
  std::vector<Level> stack_;
  Json result_;
};

[[noreturn]] void wrong_kind(std::string_view expected, const Json& found) {
  throw Error(Code::bad_file,
              "expected " + std::string(expected) + ", found " + std::string(found.kind()));
}

template <class T>
void append_number(std::string& out, T v) {
  if (std::isnan(v)) {
    out += "\"nan\"";
  } else if (std::isinf(v)) {
    out += v > 0 ? "\"inf\"" : "\"-inf\"";
  } else {
    char buffer[40];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
    const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
    out += text;
    // A float stays recognisable as one when read back.
    if (text.find_first_of(".en") == std::string_view::npos) out += ".0";
  }
}

}  // namespace

Json Json::parse(std::string_view text, const JsonLimits& limits) {
  // The parser would take a NUL for the end of the text and ignore what stands behind it.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    throw Error(Code::bad_file, "not valid JSON: a NUL character",
                {.file = {}, .offset = nul, .line = line_of(text, nul)});
  }
  Builder builder(text, limits);
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

std::string_view Json::kind() const noexcept {
  constexpr std::string_view kNames[] = {"null",   "boolean", "integer", "number",
                                         "number", "string",  "array",   "object"};
  return kNames[value_.index()];
}

bool Json::as_bool() const {
  if (const auto* v = std::get_if<bool>(&value_)) return *v;
  wrong_kind("boolean", *this);
}
std::int64_t Json::as_integer() const {
  if (const auto* v = std::get_if<std::int64_t>(&value_)) return *v;
  wrong_kind("integer", *this);
}
double Json::as_number() const {
  if (const auto* v = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*v);
  if (const auto* v = std::get_if<Float32>(&value_)) return double{v->value};
  if (const auto* v = std::get_if<double>(&value_)) return *v;
  wrong_kind("number", *this);
}
const std::string& Json::as_string() const {
  if (const auto* v = std::get_if<std::string>(&value_)) return *v;
  wrong_kind("string", *this);
}
const Json::Array& Json::as_array() const {
  if (const auto* v = std::get_if<Array>(&value_)) return *v;
  wrong_kind("array", *this);
}
Json::Array& Json::as_array() {
  if (is_null()) value_ = Array{};
  if (auto* v = std::get_if<Array>(&value_)) return *v;
  wrong_kind("array", *this);
}
const Json::Object& Json::as_object() const {
  if (const auto* v = std::get_if<Object>(&value_)) return *v;
  wrong_kind("object", *this);
}
Json::Object& Json::as_object() {
  if (is_null()) value_ = Object{};
  if (auto* v = std::get_if<Object>(&value_)) return *v;
  wrong_kind("object", *this);
}

const Json* Json::find(std::string_view key) const noexcept {
  const auto* object = std::get_if<Object>(&value_);
  if (object == nullptr) return nullptr;
  for (const auto& [name, value] : *object) {
    if (name == key) return &value;
  }
  return nullptr;
}
const Json& Json::at(std::string_view key) const {
  if (!is_object()) wrong_kind("object", *this);
  if (const Json* v = find(key)) return *v;
  throw Error(Code::bad_file, "the key " + quote(key) + " is missing");
}
Json& Json::set(std::string_view key, Json value) {
  for (auto& [name, old] : as_object()) {
    if (name == key) return old = std::move(value);
  }
  return as_object().emplace_back(key, std::move(value)).second;
}
void Json::erase(std::string_view key) {
  std::erase_if(as_object(), [&](const Member& m) { return m.first == key; });
}
std::size_t Json::size() const noexcept {
  if (const auto* v = std::get_if<Array>(&value_)) return v->size();
  if (const auto* v = std::get_if<Object>(&value_)) return v->size();
  return 0;
}

void Json::dump_to(std::string& out) const {
  if (is_null()) {
    out += "null";
  } else if (const auto* b = std::get_if<bool>(&value_)) {
    out += *b ? "true" : "false";
  } else if (const auto* i = std::get_if<std::int64_t>(&value_)) {
    out += std::to_string(*i);
  } else if (const auto* d = std::get_if<double>(&value_)) {
    append_number(out, *d);
  } else if (const auto* f = std::get_if<Float32>(&value_)) {
    append_number(out, f->value);
  } else if (const auto* s = std::get_if<std::string>(&value_)) {
    append_json_string(out, *s);
  } else if (const auto* a = std::get_if<Array>(&value_)) {
    out += '[';
    for (std::size_t k = 0; k < a->size(); ++k) {
      if (k > 0) out += ", ";
      (*a)[k].dump_to(out);
    }
    out += ']';
  } else {
    const auto& o = std::get<Object>(value_);
    out += '{';
    for (std::size_t k = 0; k < o.size(); ++k) {
      if (k > 0) out += ", ";
      append_json_string(out, o[k].first);
      out += ": ";
      o[k].second.dump_to(out);
    }
    out += '}';
  }
}

std::string Json::dump() const {
  std::string out;
  dump_to(out);
  return out;
}

namespace {

bool is_flat(const Json& v) {
  if (!v.is_array()) return !v.is_object();
  return std::all_of(v.as_array().begin(), v.as_array().end(),
                     [](const Json& e) { return !e.is_array() && !e.is_object(); });
}

void pretty_to(std::string& out, const Json& v, std::size_t depth) {
  const auto line = [&](std::size_t d) { out += '\n' + std::string(2 * d, ' '); };
  if (v.size() == 0 || is_flat(v)) {
    v.dump_to(out);
  } else if (v.is_array()) {
    out += '[';
    for (std::size_t i = 0; i < v.size(); ++i) {
      line(depth + 1);
      pretty_to(out, v.as_array()[i], depth + 1);
      if (i + 1 < v.size()) out += ',';
    }
    line(depth);
    out += ']';
  } else {
    out += '{';
    for (std::size_t i = 0; i < v.size(); ++i) {
      line(depth + 1);
      append_json_string(out, v.as_object()[i].first);
      out += ": ";
      pretty_to(out, v.as_object()[i].second, depth + 1);
      if (i + 1 < v.size()) out += ',';
    }
    line(depth);
    out += '}';
  }
}

}  // namespace

std::string Json::pretty() const {
  std::string out;
  pretty_to(out, *this, 0);
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Char c = decode_utf8(text, i);
    const char byte = text[i];
    if (!c.valid) {
      append_utf8(out, kReplacement);
    } else if (byte == '"' || byte == '\\') {
      out += {'\\', byte};
    } else if (byte == '\n') {
      out += "\\n";
    } else if (byte == '\r') {
      out += "\\r";
    } else if (byte == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(byte) < 0x20) {
      out += "\\u00";
      out += {kHex[(byte >> 4) & 15], kHex[byte & 15]};
    } else {
      out.append(text.substr(i, c.size));
    }
    i += c.size;
  }
  out += '"';
}

}  // namespace typecase
