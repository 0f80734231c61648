#include "capi/border.h"
#include "capi/handles.h"

#include <typecase/hub.h>
#include <typecase/system.h>

#include <cstddef>

using namespace typecase;
using namespace typecase::capi;

namespace {

/// The options as C++ has them; NULL keeps the default.
ModelOptions options_of(const typecase_model_options* given) {
  // The first version ended before `recode`.
  const auto from = struct_of(given, "options", offsetof(typecase_model_options, recode));
  ModelOptions out;
  const auto take = [](std::string& field, const char* value, const char* what) {
    if (value != nullptr) field = text_of(value, what);
  };
  take(out.dtype, from.dtype, "options.dtype");
  take(out.attn_implementation, from.attn_implementation, "options.attn_implementation");
  take(out.device, from.device, "options.device");
  take(out.isa, from.isa, "options.isa");
  take(out.recode, from.recode, "options.recode");
  take(out.activations, from.activations, "options.activations");
  take(out.lookup, from.lookup, "options.lookup");
  take(out.screen_head, from.screen_head, "options.screen_head");
  take(out.self_speculation, from.self_speculation, "options.self_speculation");
  out.threads = from.threads;
  return out;
}

}  // namespace

typecase_status typecase_model_path(const char* name, char** path) {
  return guarded([&] {
    char*& out = cleared(path, "path");
    const std::string found =
        name == nullptr ? default_model() : hub::path_of(std::string(text_of(name, "name")));
    out = copy_of(found);
  });
}

typecase_status typecase_model_open(const char* path, const typecase_model_options* options,
                                    typecase_model** model) {
  return guarded([&] {
    typecase_model*& out = cleared(model, "model");
    // A path may hold any bytes.
    const std::string from = &required(path, "path");
    out = new typecase_model{std::make_shared<const Model>(Model::open(from, options_of(options)))};
  });
}

void typecase_model_close(typecase_model* model) { delete model; }

typecase_status typecase_model_summary(const typecase_model* model, char** json) {
  return guarded([&] {
    char*& out = cleared(json, "json");
    out = copy_of(required(model, "model").model->summary().dump());
  });
}
