#include "decode/fields.h"

#include <typecase/error.h>
#include <typecase/generation_config.h>

#include <algorithm>

namespace typecase {

GenerationConfig GenerationConfig::from_json(const Json& object) {
  GenerationConfig out;
  for (const auto& [name, value] : object.as_object()) {
    if (name != "_commit_hash") out.set(name, value);
  }
  return out;
}

Json GenerationConfig::to_json() const { return Json::Object(fields_.begin(), fields_.end()); }

GenerationConfig GenerationConfig::from_model_config(const Json& config) {
  GenerationConfig out;
  const Json* inner = nullptr;
  for (const char* name : {"decoder", "generator", "text_config"}) {
    const Json* found = config.find(name);
    if (inner == nullptr && found != nullptr && found->is_object()) inner = found;
  }
  for (const Json* source : {&config, inner}) {
    if (source == nullptr) continue;
    for (const KnownField& field : known_fields()) {
      const Json* value = source->find(field.name);
      const bool adopted = value != nullptr && !value->is_null() && out.find(field.name) == nullptr;
      if (adopted && field.name != "transformers_version") out.set(field.name, *value);
    }
  }
  const auto wanted = [&out](const char* name) { return out.boolean(name).value_or(false); };
  if (wanted("output_attentions") || wanted("output_hidden_states") || wanted("output_scores") ||
      wanted("output_logits")) {
    out.set("return_dict_in_generate", true);
  }
  return out;
}

GenerationConfig& GenerationConfig::set(std::string_view name, Json value) {
  const auto at = std::find_if(fields_.begin(), fields_.end(),
                               [name](const Field& field) { return field.first == name; });
  if (at != fields_.end()) {
    at->second = std::move(value);
  } else {
    fields_.emplace_back(std::string(name), std::move(value));
  }
  return *this;
}

void GenerationConfig::erase(std::string_view name) {
  std::erase_if(fields_, [name](const Field& field) { return field.first == name; });
}

const Json* GenerationConfig::find(std::string_view name) const noexcept {
  for (const auto& [field, value] : fields_) {
    if (field == name) return &value;
  }
  return nullptr;
}

std::optional<bool> GenerationConfig::boolean(std::string_view name) const {
  const Json* value = find(name);
  if (value == nullptr || !value->is_bool()) return {};
  return value->as_bool();
}

std::optional<std::int64_t> GenerationConfig::integer(std::string_view name) const {
  const Json* value = find(name);
  if (value == nullptr || !value->is_integer()) return {};
  return value->as_integer();
}

std::optional<double> GenerationConfig::number(std::string_view name) const {
  const Json* value = find(name);
  if (value == nullptr || !value->is_number()) return {};
  return value->as_number();
}

bool GenerationConfig::knows(std::string_view name) {
  return std::any_of(known_fields().begin(), known_fields().end(),
                     [name](const KnownField& field) { return field.name == name; });
}

}  // namespace typecase
