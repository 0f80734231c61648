#include "commands.h"
#include "line_editor.h"

#include <typecase/error.h>
#include <typecase/hub.h>
#include <typecase/json.h>
#include <typecase/system.h>

#include <memory>

namespace typecase::cli {
namespace {

// The default model, or why there is none.
std::string default_model_or_reason() {
  try {
    return default_model();
  } catch (const Error&) {
    return "none; ./dev setup fetches it";
  }
}

// What fetches models, or why nothing does.
std::string network_or_reason() {
  try {
    return hub::network_description();
  } catch (const Error& error) {
    return std::string("none: ") + error.what();
  }
}

std::string isa_line(const std::vector<IsaLevel>& levels) {
  std::string out;
  for (const IsaLevel& level : levels) {
    out += (out.empty() ? "" : ", ") + level.name;
    if (!level.available) {
      out += " (not on this machine)";
    } else if (!level.against.empty()) {
      out += " (only when asked for: " + level.against + ")";
    }
  }
  return out;
}

std::string line_editing() {
  return LineEditor::available() ? "libedit" : "none in this build (libedit-dev was missing)";
}

Json as_json() {
  Json::Array levels;
  for (const IsaLevel& level : isa_levels()) {
    levels.emplace_back(Json::Object{
        {"name", level.name}, {"available", level.available}, {"against", level.against}});
  }
  Json model;
  try {
    model = default_model();
  } catch (const Error&) {
    // Stays null.
  }
  return Json::Object{{"version", version()},
                      {"build", build_description()},
                      {"isa_levels", std::move(levels)},
                      {"devices", Json::Array{"cpu"}},
                      {"line_editing", LineEditor::available()},
                      {"cache_folder", cache_folder()},
                      {"hub", network_or_reason()},
                      {"hub_cache_folder", hub::cache_folder()},
                      {"default_model", std::move(model)}};
}

}  // namespace

Action declare_env(Options& table) {
  const auto json = std::make_shared<bool>(false);
  table.flag("json", "as one JSON document", *json);
  return [json](Output& out) {
    if (*json) {
      out << as_json().pretty() << "\n";
      return 0;
    }
    out << "version        " << version() << "\n"
        << "build          " << build_description() << "\n"
        << "isa levels     " << isa_line(isa_levels()) << "\n"
        << "devices        cpu (no CUDA in this build)\n"
        << "line editing   " << line_editing() << "\n"
        << "cache folder   " << cache_folder() << "\n"
        << "hub            " << network_or_reason() << "\n"
        << "hub cache      " << hub::cache_folder() << "\n"
        << "default model  " << default_model_or_reason() << "\n";
    return 0;
  };
}

}  // namespace typecase::cli
