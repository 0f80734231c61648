#include "text/chat/template_files.h"

#include "base/limits.h"
#include "base/mapped_file.h"

#include <algorithm>

namespace typecase {
namespace {

constexpr std::size_t kMaxTemplates = 256;

using Named = std::vector<std::pair<std::string, std::string>>;

void add(Named& to, const std::string& name, std::string source) {
  const auto same = std::find_if(to.begin(), to.end(), [&](auto& n) { return n.first == name; });
  if (same != to.end()) {
    same->second = std::move(source);
    return;
  }
  if (to.size() == kMaxTemplates) {
    throw Error(Code::limit, "the limit of " + std::to_string(kMaxTemplates) +
                                 " chat templates of one model is reached");
  }
  to.emplace_back(name, std::move(source));
}

Named template_files(const std::filesystem::path& folder) {
  Named out;
  const auto source = [](const std::filesystem::path& path) {
    return read_file(path.string(), limits::kConfigFile);
  };
  const auto file = folder / "chat_template.jinja";
  if (std::filesystem::exists(file)) add(out, "default", source(file));
  const auto more = folder / "additional_chat_templates";
  if (!std::filesystem::is_directory(more)) return out;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(more)) {
    if (entry.path().filename().string().ends_with(".jinja")) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    const std::string name = path.filename().string();
    add(out, name.substr(0, name.size() - std::string_view(".jinja").size()), source(path));
  }
  return out;
}

/// A list of {name, template}, or an object of sources.
Named templates_of(const ConfigValue& config) {
  Named out;
  if (config.json().is_object()) {
    for (const auto& [name, source] : config.json().as_object()) {
      add(out, name, config.at(name).text());
    }
    return out;
  }
  for (const auto& named : config.elements()) {
    add(out, named.at("name").text(), named.at("template").text());
  }
  return out;
}

void read_templates(const std::filesystem::path& folder, const ConfigValue& config,
                    TokenizerParts& parts) {
  Named named = template_files(folder);
  if (named.size() == 1 && named[0].first == "default") {
    parts.chat_template = std::move(named[0].second);
    return;
  }
  if (named.empty() && config.has("chat_template")) {
    const ConfigValue given = config.at("chat_template");
    if (given.json().is_string()) {
      parts.chat_template = given.text();
      return;
    }
    named = templates_of(given);
  }
  for (const auto& [name, source] : named) {
    if (name == "default") parts.chat_template = source;
  }
  parts.named_chat_templates = std::move(named);
}

/// Templates see every named token; bos, eos, unk and pad have fields of their own.
void name_tokens(TokenizerParts& parts) {
  if (parts.sep_token) add(parts.token_variables, "sep_token", *parts.sep_token);
  if (parts.cls_token) add(parts.token_variables, "cls_token", *parts.cls_token);
  if (parts.mask_token) add(parts.token_variables, "mask_token", *parts.mask_token);
}

}  // namespace

void read_chat_settings(const std::filesystem::path& folder, const ConfigValue& config,
                        TokenizerParts& parts) {
  read_templates(folder, config, parts);
  name_tokens(parts);
  if (!config.has("chat_control_tokens")) return;
  parts.chat_control_tokens.emplace();
  for (const auto& token : config.at("chat_control_tokens").elements()) {
    parts.chat_control_tokens->push_back(token.text());
  }
}

}  // namespace typecase
