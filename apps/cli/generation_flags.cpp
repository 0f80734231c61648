#include "generation_flags.h"

#include "generation_fields.h"
#include "output.h"

#include <typecase/error.h>
#include <typecase/generator.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <random>

namespace typecase::cli {
namespace {

constexpr std::size_t kLongestConfig = 16 << 20;
constexpr auto kAnyInteger = std::numeric_limits<std::int64_t>::max();

std::string option_name(std::string_view field) {
  std::string out(field);
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

[[noreturn]] void refuse(const std::string& name, const std::string& allowed,
                         const std::string& text) {
  throw Error(Code::invalid_argument,
              "--" + option_name(name) + ": expected " + allowed + ", found " + quote(text));
}

Json number_value(const std::string& name, const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end) refuse(name, "a number", text);
  return value;
}

Json json_value(const std::string& name, const std::string& allowed, const std::string& text) {
  try {
    return Json::parse(text);
  } catch (const Error&) {
    refuse(name, allowed, text);
  }
}

Json id_list_value(const std::string& name, const std::string& text) {
  const std::string allowed = "an integer or a list like [1, 2]";
  const Json value = json_value(name, allowed, text);
  bool good = value.is_integer() || value.is_array();
  if (value.is_array()) {
    for (const Json& id : value.as_array()) good = good && id.is_integer();
  }
  if (!good) refuse(name, allowed, text);
  return value;
}

const FieldOption& field_of(const std::string& name) {
  const auto fields = field_options();
  return *std::find_if(fields.begin(), fields.end(),
                       [&name](const FieldOption& field) { return field.name == name; });
}

Json value_of_kind(const FieldOption& field, const std::string& name, const std::string& text) {
  switch (field.kind) {
    case FieldKind::boolean:
      return text == "true";
    case FieldKind::integer:
      return integer_value("--" + option_name(name), text, -kAnyInteger, kAnyInteger);
    case FieldKind::number:
      return number_value(name, text);
    case FieldKind::word:
      return text;
    case FieldKind::words:
      return Json::Array{text};
    case FieldKind::early_stopping:
      if (text == "true" || text == "false") return text == "true";
      if (text == "never") return text;
      refuse(name, "true, false or never", text);
    case FieldKind::id_list:
      return id_list_value(name, text);
    case FieldKind::json:
      break;
  }
  if (name == "dola_layers" && (text == "low" || text == "high")) return text;
  return json_value(name, "JSON like " + std::string(field.value), text);
}

Option option_of(const FieldOption& field, GenerationConfig& keywords) {
  const std::string name(field.name);
  const auto accept = [&keywords, name](const std::string& text) {
    Json value = field_value(name, text);
    const Json* before = keywords.find(name);
    if (field_of(name).kind == FieldKind::words && before != nullptr && before->is_array()) {
      Json all = *before;
      all.push_back(text);
      value = std::move(all);
    }
    keywords.set(name, std::move(value));
  };
  const auto kind = field.kind == FieldKind::boolean ? Option::Kind::yes_or_no
                    : field.kind == FieldKind::words ? Option::Kind::values
                                                     : Option::Kind::value;
  return {.kind = kind,
          .name = option_name(name),
          .value = std::string(field.value),
          .help = std::string(field.help),
          .accept = accept,
          .rare = !field.common};
}

// key=JSON
void accept_set(GenerationConfig& keywords, const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  if (equals == std::string::npos || name.empty()) {
    throw Error(Code::invalid_argument, "--set: expected key=JSON, found " + quote(text));
  }
  try {
    keywords.set(name, Json::parse(text.substr(equals + 1)));
  } catch (const Error&) {
    throw Error(Code::invalid_argument, "--set " + name +
                                            ": expected JSON (a text as \"text\"), found " +
                                            quote(text.substr(equals + 1)));
  }
}

// torch.manual_seed takes −2⁶³ … 2⁶⁴ − 1.
std::int64_t seed_value(const std::string& text) {
  std::uint64_t large = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, large);
  if (error == std::errc{} && rest == end) return static_cast<std::int64_t>(large);
  std::int64_t value = 0;
  const auto [stop, wrong] = std::from_chars(text.data(), end, value);
  if (wrong == std::errc{} && stop == end) return value;
  refuse("seed", "an integer of at most 64 bits", text);
}

}  // namespace

Json field_value(const std::string& name, const std::string& text) {
  if (text == "null") return nullptr;
  return value_of_kind(field_of(name), name, text);
}

void GenerationFlags::add_to(Options& table) {
  table.group("Generation");
  table.add({.kind = Option::Kind::value,
             .name = "seed",
             .value = "N",
             .help = "random numbers as after torch.manual_seed(N)",
             .accept = [this](const std::string& text) { seed = seed_value(text); }});
  for (const FieldOption& field : field_options()) table.add(option_of(field, keywords));
  table.add({.kind = Option::Kind::values,
             .name = "set",
             .value = "KEY=JSON",
             .help = "any other field, or null to switch one off",
             .accept = [this](const std::string& text) { accept_set(keywords, text); }});
  table.add({.kind = Option::Kind::value,
             .name = "generation-config",
             .value = "FILE",
             .help = "a generation_config.json that these options refine",
             .accept = [this](const std::string& path) {
               try {
                 config = GenerationConfig::from_json(Json::parse(read_all(path, kLongestConfig)));
               } catch (const Error& error) {
                 throw error.at(Place{.file = path});
               }
             }});
}

std::int64_t GenerationFlags::sow() const {
  const std::int64_t chosen = seed ? *seed : static_cast<std::int64_t>(std::random_device{}());
  default_generator().seed(chosen);
  return chosen;
}

}  // namespace typecase::cli
