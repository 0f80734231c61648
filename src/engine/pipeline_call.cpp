/// Keyword arguments of the text-generation pipeline, and its defaults.
#include "engine/pipeline_call.h"

#include <typecase/error.h>

#include <utility>

namespace typecase {
namespace {

bool as_flag(const Json& v, std::string_view key) {
  if (!v.is_bool()) refuse(std::string(key) + ": expected true or false, found " + v.dump());
  return v.as_bool();
}

std::string as_text(const Json& v, std::string_view key) {
  if (!v.is_string()) refuse(std::string(key) + ": expected a string, found " + v.dump());
  return v.as_string();
}

/// return_full_text, return_text and return_tensors exclude each other.
PipelineCall::Return returns_of(const Json& kwargs) {
  const auto given = [&](std::string_view key) {
    const Json* v = kwargs.find(key);
    return v != nullptr && !v->is_null();
  };
  if (given("return_full_text")) {
    for (const std::string_view other : {"return_text", "return_tensors"}) {
      if (given(other))
        refuse("return_full_text and " + std::string(other) + " exclude each other");
    }
    return as_flag(kwargs.at("return_full_text"), "return_full_text")
               ? PipelineCall::Return::full_text
               : PipelineCall::Return::new_text;
  }
  if (given("return_tensors")) {
    if (given("return_text")) refuse("return_text and return_tensors exclude each other");
    return PipelineCall::Return::tensors;
  }
  return PipelineCall::Return::full_text;
}

/// Keywords of the pipeline itself; all others are generation fields.
bool take_pipeline_keyword(PipelineCall& call, const std::string& key, const Json& v) {
  if (key == "return_full_text" || key == "return_text" || key == "return_tensors" ||
      key == "truncation") {
    return true;
  }
  if (key == "padding") {
    call.pads = v != Json(false) && v != Json("do_not_pad") && !v.is_null();
  } else if (key == "prefix") {
    if (!v.is_null()) call.prefix = as_text(v, key);
  } else if (key == "clean_up_tokenization_spaces") {
    if (!v.is_null()) call.clean_up = as_flag(v, key);
  } else if (key == "skip_special_tokens") {
    if (!v.is_null()) call.skip_special_tokens = as_flag(v, key);
  } else if (key == "add_special_tokens") {
    if (!v.is_null()) call.add_special_tokens = as_flag(v, key);
  } else if (key == "continue_final_message") {
    if (!v.is_null()) call.continue_final_message = as_flag(v, key);
  } else if (key == "batch_size") {
    if (!v.is_integer() || v.as_integer() < 1) refuse("batch_size: expected a positive integer");
    call.batch_size = v.as_integer();
  } else if (key == "handle_long_generation") {
    if (v.is_null()) return true;
    if (as_text(v, key) != "hole") refuse("handle_long_generation: the only choice is \"hole\"");
    call.hole = true;
  } else {
    return false;
  }
  return true;
}

PipelineCall sort_keywords(const Json& kwargs) {
  PipelineCall call;
  call.returns = returns_of(kwargs);
  for (const auto& [key, v] : kwargs.as_object()) {
    if (take_pipeline_keyword(call, key, v)) continue;
    if (key == "stop_sequence") {
      if (!v.is_null())
        call.generation.set("stop_strings", v.is_string() ? Json(Json::Array{v}) : v);
    } else if (key == "generation_config") {
      call.generation_config = GenerationConfig::from_json(v);
    } else if (key == "max_length" && v.is_null()) {
      continue;  // the pipeline's own parameter: None is "not given"
    } else {
      call.generation.set(key, v);
      if (key == "max_length" && v.is_integer()) call.truncate_to = v.as_integer();
    }
  }
  return call;
}

/// The pipeline's own defaults, only for fields that neither call, config object nor model set.
void add_defaults(PipelineCall& call, const Model& model) {
  const auto set = [&](std::string_view key) -> const Json* {
    if (const Json* v = call.generation.find(key)) return v;
    if (call.generation_config) {
      if (const Json* v = call.generation_config->find(key)) return v;
    }
    const Json* v = model.generation_config().find(key);
    return v != nullptr && !v->is_null() ? v : nullptr;
  };
  const auto add = [&](std::string_view key, Json value) {
    if (set(key) != nullptr) return;
    auto& target = call.generation_config ? *call.generation_config : call.generation;
    target.set(std::string(key), std::move(value));
  };
  if (set("max_length") == nullptr) add("max_new_tokens", 256);
  add("do_sample", true);
  const Json* sample = set("do_sample");
  if (sample->is_bool() && sample->as_bool()) add("temperature", 0.7);
  if (const auto pad = model.tokenizer().pad_id()) add("pad_token_id", *pad);
}

/// A total length (as opposed to a number of new tokens) has to include the prefix.
void lengthen_for_prefix(PipelineCall& call, const Model& model) {
  if (call.prefix.empty()) return;
  const auto prefix = model.tokenizer().encode(
      call.prefix, {.add_special_tokens = call.add_special_tokens.value_or(false)});
  const auto value = [&](std::string_view key) -> const Json* {
    const Json* v = call.generation.find(key);
    if (v == nullptr) v = model.generation_config().find(key);
    return v != nullptr && v->is_integer() ? v : nullptr;
  };
  for (const auto& [length, fresh] :
       {std::pair("max_length", "max_new_tokens"), std::pair("min_length", "min_new_tokens")}) {
    const Json* v = value(length);
    if (v == nullptr || value(fresh) != nullptr) continue;
    call.generation.set(length, v->as_integer() + static_cast<std::int64_t>(prefix.ids.size()));
  }
}

/// A max_length in the call shortens the prompt too, unless `truncation` says no; `truncation`
/// alone shortens to the tokenizer's longest text.
void settle_truncation(PipelineCall& call, const Json& kwargs, const Model& model) {
  const Json* v = kwargs.find("truncation");
  if (v == nullptr || v->is_null()) return;
  if (*v == Json(false) || *v == Json("do_not_truncate")) {
    call.truncate_to.reset();
  } else if (*v == Json(true) || *v == Json("longest_first") || *v == Json("only_first")) {
    if (!call.truncate_to) call.truncate_to = model.tokenizer().model_max_length();
  } else {
    refuse("truncation: expected true, false, \"longest_first\" or \"only_first\"");
  }
}

}  // namespace

void refuse(const std::string& message) { throw Error(Code::invalid_argument, message); }

PipelineCall read_pipeline_call(const Json& kwargs, const Model& model) {
  PipelineCall call = sort_keywords(kwargs.is_null() ? Json::object() : kwargs);
  settle_truncation(call, kwargs.is_null() ? Json::object() : kwargs, model);
  if (call.pads && !model.tokenizer().pad_id()) {
    refuse("padding: the tokenizer has no pad token");
  }
  add_defaults(call, model);
  lengthen_for_prefix(call, model);
  return call;
}

}  // namespace typecase
