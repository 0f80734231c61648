#include "engine/sentence_modules.h"

#include "base/limits.h"
#include "base/mapped_file.h"
#include "models/config.h"

#include <typecase/error.h>

#include <filesystem>
#include <utility>

namespace typecase {
namespace {

namespace fs = std::filesystem;

Json read_json(const std::string& file) {
  try {
    return Json::parse(read_file(file, limits::kConfigFile), {.duplicate_keys = true});
  } catch (const Error& error) {
    throw error.at({.file = file, .offset = {}, .line = {}, .key = {}});
  }
}

[[noreturn]] void fail(const std::string& file, const std::string& key, const std::string& why) {
  throw Error(Code::bad_file, why, Place{.file = file, .offset = {}, .line = {}, .key = key});
}

std::string text_of(const Json& module, std::string_view key, const std::string& file,
                    const std::string& place) {
  const Json* v = module.find(key);
  if (v == nullptr || !v->is_string()) {
    fail(file, place + "/" + std::string(key), "expected a string");
  }
  return v->as_string();
}

constexpr std::pair<std::string_view, Pooling> kModes[] = {
    {"pooling_mode_cls_token", Pooling::cls},
    {"pooling_mode_max_tokens", Pooling::max},
    {"pooling_mode_mean_tokens", Pooling::mean},
    {"pooling_mode_mean_sqrt_len_tokens", Pooling::mean_sqrt_len},
};

}  // namespace

std::vector<SentenceModule> sentence_modules(const Json& modules, const std::string& file) {
  if (!modules.is_array()) fail(file, "", "expected a list of modules");
  if (modules.size() > kMostModules) {
    throw Error(Code::limit,
                std::to_string(modules.size()) + " modules are over the limit of " +
                    std::to_string(kMostModules),
                Place{.file = file, .offset = {}, .line = {}, .key = {}});
  }
  std::vector<SentenceModule> out;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    const Json& module = modules.as_array()[i];
    const std::string place = "/" + std::to_string(i);
    if (!module.is_object()) fail(file, place, "expected an object");
    const std::string type = text_of(module, "type", file, place);
    SentenceModule found{type.substr(type.rfind('.') + 1), text_of(module, "path", file, place)};
    const fs::path path(found.path);
    if (path.is_absolute() || found.path.find("..") != std::string::npos) {
      fail(file, place + "/path", quote(found.path) + " leads out of the model's folder");
    }
    out.push_back(std::move(found));
  }
  return out;
}

std::vector<Pooling> pooling_modes(const Json& config, const std::string& file) {
  if (!config.is_object()) fail(file, "", "expected an object");
  const Config c(config, file);
  std::vector<Pooling> out;
  for (const auto& [key, pooling] : kModes) {
    if (c.flag(key, false)) out.push_back(pooling);
  }
  for (const auto& [key, value] : config.as_object()) {
    const bool known = [&, name = std::string_view(key)] {
      for (const auto& mode : kModes) {
        if (mode.first == name) return true;
      }
      return false;
    }();
    if (!known && key.starts_with("pooling_mode_") && value == Json(true)) {
      c.fail_unsupported(key, "this pooling cannot be run; mean, cls, max and mean_sqrt_len can");
    }
  }
  if (out.empty()) c.fail("pooling_mode_mean_tokens", "no pooling mode is set");
  return out;
}

SentenceModules read_sentence_modules(const std::string& folder) {
  SentenceModules out;
  const fs::path root(folder);
  const std::string lengths = (root / "sentence_bert_config.json").string();
  if (fs::is_regular_file(lengths)) {
    const Json json = read_json(lengths);
    if (!json.is_object()) fail(lengths, "", "expected an object");
    const Config c(json, lengths);
    if (c.has("max_seq_length")) out.max_length = c.count("max_seq_length");
    if (c.flag("do_lower_case", false)) {
      c.fail_unsupported("do_lower_case", "texts are not changed before the tokenizer");
    }
  }
  const std::string list = (root / "modules.json").string();
  if (!fs::is_regular_file(list)) return out;
  out.normalize = false;
  for (const SentenceModule& module : sentence_modules(read_json(list), list)) {
    if (module.type == "Pooling") {
      const std::string file = (root / module.path / "config.json").string();
      out.pooling = pooling_modes(read_json(file), file);
    } else if (module.type == "Normalize") {
      out.normalize = true;
    } else if (module.type != "Transformer") {
      throw Error(Code::unsupported, "a module " + quote(module.type) + " cannot be run",
                  Place{.file = list, .offset = {}, .line = {}, .key = "type"});
    }
  }
  return out;
}

}  // namespace typecase
