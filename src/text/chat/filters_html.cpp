/// Filters around HTML.
#include "base/utf8.h"
#include "text/chat/characters.h"
#include "text/chat/interpreter.h"
#include "text/chat/operators.h"
#include "text/chat/print.h"
#include "text/chat/tables.h"

#include <typecase/error.h>

namespace typecase::chat {
namespace {

Value escape(Call& c) {
  c.bind({});
  return c.in.text_value(escaped(c.self, c.meter()), true);
}

Value force_escape(Call& c) {
  c.bind({});
  return c.in.text_value(escaped(str(c.self, c.meter())), true);
}

Value safe(Call& c) {
  c.bind({});
  return c.in.text_value(str(c.self, c.meter()), true);
}

std::string url_quoted(std::string_view text, bool for_query) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    if (letter || c == '_' || c == '.' || c == '-' || c == '~' || (c == '/' && !for_query)) {
      out += c;
    } else if (c == ' ' && for_query) {
      out += '+';
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

Value url_encode(Call& c) {
  c.bind({});
  const auto quoted = [&](const Value& value, bool for_query) {
    const Text text = str(value, c.meter());
    c.meter()->work(text.size());
    return derived(url_quoted(text.bytes, for_query), text);
  };
  if (c.self.is_string() || !iterable(c.self)) return c.in.text_value(quoted(c.self, false));
  Text out;
  const bool dict = c.self.is_dict();
  const auto append = [&](const Value& key, const Value& value) {
    if (!out.bytes.empty()) out.append("&");
    out.append(quoted(key, true));
    out.append("=");
    out.append(quoted(value, true));
    c.meter()->string_size(out.size());
  };
  if (dict) {
    for (const auto& [key, value] : c.self.get<Dict>().items) append(key, value);
  } else {
    for (const Value& pair : items_of(c.self, c.meter())) {
      const auto both = items_of(pair, c.meter());
      if (both.size() != 2) c.fail("needs pairs of a key and a value");
      append(both[0], both[1]);
    }
  }
  return c.in.text_value(std::move(out));
}

Value xml_attributes(Call& c) {
  c.bind({"autospace"});
  if (!c.self.is_dict()) c.fail(std::string("needs a dict, got '") + type_name(c.self) + "'");
  Text out;
  for (const auto& [key, value] : c.self.get<Dict>().items) {
    if (value.is_none() || value.is_undefined()) continue;
    if (!key.is_string()) c.fail("names must be strings");
    if (key.text().bytes.find_first_of(" \t\n\r\f\v/>=") != std::string::npos) {
      c.fail("invalid character in attribute name " + quote(key.text().bytes));
    }
    if (!out.bytes.empty() || c.truth_or(0, true)) out.append(" ");
    out.append(escaped(key, c.meter()));
    out.append("=\"");
    out.append(escaped(value, c.meter()));
    out.append("\"");
    c.meter()->string_size(out.size());
  }
  return c.in.text_value(std::move(out), c.in.autoescape());
}

struct Entity {
  std::string_view name, character;
};
constexpr Entity kEntities[] = {
    {"&amp;", "&"},  {"&lt;", "<"},  {"&gt;", ">"},          {"&quot;", "\""},
    {"&#34;", "\""}, {"&#39;", "'"}, {"&nbsp;", "\xC2\xA0"},
};

// `text` without everything from `open` to the next `close`; an unclosed `open` stays.
std::string without(std::string_view text, std::string_view open, std::string_view close) {
  std::string out;
  std::size_t at = 0;
  for (;;) {
    const std::size_t begin = text.find(open, at);
    const std::size_t end = begin == std::string_view::npos ? begin : text.find(close, begin);
    if (end == std::string_view::npos) break;
    out += text.substr(at, begin - at);
    at = end + close.size();
  }
  out += text.substr(at);
  return out;
}

// Comments and tags go, runs of blanks become one.
std::string without_tags(std::string_view text) {
  const std::string plain = without(without(text, "<!--", "-->"), "<", ">");
  std::string out;
  bool blank = false;
  for (std::size_t at = 0; at < plain.size();) {
    const Utf8Char c = decode_utf8(plain, at);
    if (!is_space(c.code_point)) {
      if (blank && !out.empty()) out += ' ';
      out.append(plain, at, c.size);
    }
    blank = is_space(c.code_point);
    at += c.size;
  }
  return out;
}

std::string without_entities(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const Entity* found = nullptr;
    for (const Entity& entity : kEntities) {
      if (text[at] == '&' && text.substr(at).starts_with(entity.name)) found = &entity;
    }
    out += found != nullptr ? found->character : text.substr(at, 1);
    at += found != nullptr ? found->name.size() : 1;
  }
  return out;
}

Value strip_tags(Call& c) {
  c.bind({});
  const Text text = str(c.self, c.meter());
  c.meter()->work(text.size() * 8);
  return c.in.text_value(derived(without_entities(without_tags(text.bytes)), text));
}

Value links(Call& c) { c.fail("is not supported: chat templates write no web pages"); }

constexpr Builtin kFilters[] = {
    {"escape", escape},
    {"e", escape},
    {"forceescape", force_escape},
    {"safe", safe},
    {"urlencode", url_encode},
    {"xmlattr", xml_attributes},
    {"striptags", strip_tags},
    {"urlize", links},
};

}  // namespace

std::span<const Builtin> html_filters() { return kFilters; }

Text escaped(const Text& text) {
  Text out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string_view entity;
    switch (text.bytes[i]) {
      case '&':
        entity = "&amp;";
        break;
      case '<':
        entity = "&lt;";
        break;
      case '>':
        entity = "&gt;";
        break;
      case '"':
        entity = "&#34;";
        break;
      case '\'':
        entity = "&#39;";
        break;
      default:
        break;
    }
    if (entity.empty()) {
      out.append(text, i, i + 1);
    } else {
      out.append_derived(entity, text.tainted());
    }
  }
  return out;
}

Text escaped(const Value& value, Meter* meter) {
  if (value.is_string() && value.as_string().markup) return value.text();
  const Text text = str(value, meter);
  meter->work(text.size() * 5);
  return escaped(text);
}

}  // namespace typecase::chat
