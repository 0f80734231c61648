#include "backend/backend.h"
#include "backend/cpu/isa/levels.h"

#include <typecase/error.h>
#include <typecase/system.h>

#include <cstdlib>
#include <filesystem>

namespace typecase {
namespace {

// The value of an environment variable that is set to something.
std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

constexpr char kDefaultModel[] = "SmolLM2-135M-Instruct.Q4_1.gguf";

}  // namespace

std::string version() { return TYPECASE_VERSION; }

std::string build_description() {
#if defined(__clang__)
  return "clang " __clang_version__ " " TYPECASE_BUILD_TYPE;
#else
  return "g++ " __VERSION__ " " TYPECASE_BUILD_TYPE;
#endif
}

std::vector<IsaLevel> isa_levels() {
  std::vector<IsaLevel> out;
  for (const std::string& level : cpu_isa_levels()) {
    out.push_back(
        {level, cpu_isa_available(level), cpu::why_not_chosen(level, cpu::this_processor())});
  }
  return out;
}

std::string cache_folder() {
  if (const auto own = environment("TYPECASE_CACHE"); !own.empty()) return own;
  if (const auto xdg = environment("XDG_CACHE_HOME"); !xdg.empty()) return xdg + "/typecase";
  return environment("HOME") + "/.cache/typecase";
}

std::string default_model() {
  if (const auto named = environment("TYPECASE_MODEL"); !named.empty()) return named;
  const std::string path = cache_folder() + "/models/" + kDefaultModel;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    throw Error(Code::not_found,
                "no model is named and the default model has not been fetched: run ./dev setup, or "
                "name a model with --model or TYPECASE_MODEL",
                Place{.file = path});
  }
  return path;
}

}  // namespace typecase
