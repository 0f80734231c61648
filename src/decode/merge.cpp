#include "decode/effective_config.h"
#include "decode/field_reader.h"
#include "decode/fields.h"
#include "decode/own_filters.h"
#include "decode/validate.h"

#include <typecase/error.h>

#include <algorithm>
#include <array>

namespace typecase {
namespace {

bool unset(const GenerationConfig& fields, std::string_view name) {
  const Json* value = fields.find(name);
  return value == nullptr || value->is_null();
}

/// Keywords that are no generation fields and that a forward pass takes.
bool is_forward_input(std::string_view name) {
  constexpr std::array kInputs{"input_ids",       "attention_mask",    "position_ids",
                               "past_key_values", "inputs_embeds",     "token_type_ids",
                               "cache_position",  "logits_to_keep",    "labels",
                               "encoder_outputs", "decoder_input_ids", "decoder_attention_mask"};
  return std::find(kInputs.begin(), kInputs.end(), name) != kInputs.end();
}

/// Fields that nobody set so far take the values of `from`; null ones count as set by this step.
void fill(GenerationConfig& fields, const GenerationConfig& from, bool everything,
          std::vector<std::string>* warnings) {
  std::set<std::string> touched;
  if (everything) {
    for (const KnownField& field : known_fields()) {
      if (unset(fields, field.name)) touched.emplace(field.name);
    }
  }
  for (const auto& [name, value] : from.fields()) {
    if (!unset(fields, name)) continue;
    if (!GenerationConfig::knows(name) && fields.find(name) != nullptr) continue;
    fields.set(name, value);
    touched.insert(name);
  }
  validate(fields, touched, warnings);
}

GenerationConfig global_defaults() {
  GenerationConfig out;
  for (const KnownField& field : known_fields()) {
    Json value = Json::parse(field.fallback);
    if (!value.is_null()) out.set(field.name, std::move(value));
  }
  return out;
}

void overwrite(GenerationConfig& fields, const GenerationConfig& keywords, bool object_given,
               std::vector<std::string>* warnings) {
  std::set<std::string> touched;
  std::string unknown;
  for (const auto& [name, value] : keywords.fields()) {
    if (GenerationConfig::knows(name) || is_own_field(name) || fields.find(name) != nullptr) {
      fields.set(name, value);
      touched.insert(name);
    } else if (!value.is_null() && !is_forward_input(name)) {
      unknown += (unknown.empty() ? "" : ", ") + quote(name);
    }
  }
  validate(fields, touched, warnings);
  if (object_given && !touched.empty()) {
    warn(warnings,
         "a generation config and single generation fields were both given: the fields win; giving "
         "both is deprecated in the reference");
  }
  if (!unknown.empty()) {
    throw Error(Code::invalid_argument, "neither generation nor the model knows these arguments: " +
                                            unknown + "; are they spelt right?");
  }
}

}  // namespace

GenerationConfig merge(const GenerationConfig& keywords, const GenerationConfig* config_object,
                       const GenerationConfig& model_defaults, std::vector<std::string>* warnings) {
  GenerationConfig fields;
  if (config_object != nullptr) {
    fields = *config_object;
    std::set<std::string> given;
    for (const auto& [name, value] : fields.fields()) given.insert(name);
    validate(fields, given, warnings);
  }
  fill(fields, model_defaults, true, warnings);
  static const GenerationConfig kDefaults = global_defaults();
  fill(fields, kDefaults, false, warnings);
  overwrite(fields, keywords, config_object != nullptr, warnings);

  const Json* cache = fields.find("cache_implementation");
  if (cache != nullptr && *cache == Json("hybrid")) fields.set("cache_implementation", nullptr);
  return fields;
}

TokenId require_bos(const GenerationConfig& merged) {
  const Tokens bos = FieldReader(merged).tokens("bos_token_id");
  if (bos.empty()) {
    throw Error(Code::invalid_argument,
                "the prompt is empty and no `bos_token_id` is known to start with",
                {.file = {}, .offset = {}, .line = {}, .key = "bos_token_id"});
  }
  return bos.front();
}

}  // namespace typecase
