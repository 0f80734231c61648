#include "text/folder_tokens.h"

#include "base/limits.h"
#include "base/mapped_file.h"

#include <typecase/error.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace typecase {
namespace {

using Listed = std::map<std::int64_t, AddedToken>;
using Named = ClassTokens::Named;

constexpr std::array<std::string_view, 7> kNames = {
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"};

std::array<std::optional<std::string>*, 7> fields_of(TokenizerParts& parts) {
  return {&parts.bos_token, &parts.eos_token, &parts.unk_token, &parts.sep_token,
          &parts.pad_token, &parts.cls_token, &parts.mask_token};
}

bool is_standard(std::string_view key) { return std::ranges::find(kNames, key) != kNames.end(); }

/// "image_token" and the like: a name that only this model knows.
bool is_own(std::string_view key) { return key.ends_with("_token") && !is_standard(key); }

AddedToken plain(const std::string& content) {
  return {.content = content, .normalized = false, .special = true};
}

void put(std::vector<Named>& list, const std::string& key, AddedToken token) {
  const auto found = std::ranges::find(list, key, &Named::key);
  if (found == list.end()) {
    list.push_back({key, std::move(token)});
  } else {
    found->token = std::move(token);
  }
}

/// What the settings and the class say of tokens, before any is added.
struct Wanted {
  Listed listed;               ///< by the id they should have
  std::vector<Named> named;    ///< bos_token, eos_token, … as far as they are set
  std::vector<Named> own;      ///< names of this model or class alone
  std::vector<Named> own_set;  ///< … given as strings by the config; they come after, and win
  std::vector<AddedToken> extra;
};

std::vector<AddedToken> read_list(const ConfigValue& list) {
  std::vector<AddedToken> out;
  for (const auto& token : list.elements()) out.push_back(read_token(token, true));
  return out;
}

Listed read_added_tokens_decoder(const ConfigValue& config) {
  Listed out;
  config.require_object();
  for (const auto& [id, token] : config.json().as_object()) {
    std::int64_t number = -1;
    if (!id.empty() && id.size() < 12 && id.find_first_not_of("0123456789") == std::string::npos) {
      number = std::stoll(id);
    }
    if (number < 0) throw config.error(Code::bad_file, "expected token ids, found " + quote(id));
    out[number] = read_token(config.at(id), false);
  }
  return out;
}

/// Reads every token of special_tokens_map.json once, so that an error names this file.
void check_map(const SettingsFile& file) {
  const ConfigValue map(file.json, "");
  try {
    for (const auto& [key, value] : file.json.as_object()) {
      if (value.is_null()) continue;
      if (is_standard(key) || is_own(key)) read_token(map.at(key), true);
      const bool extra = key == "extra_special_tokens";
      if (key == "additional_special_tokens" || (extra && value.is_array())) read_list(map.at(key));
      if (!extra || !value.is_object()) continue;
      for (const auto& [name, token] : value.as_object()) read_token(map.at(key).at(name), true);
    }
  } catch (const Error& error) {
    throw error.at({.file = file.path, .offset = {}, .line = {}, .key = {}});
  }
}

/// special_tokens_map.json over tokenizer_config.json. Its flags say nothing of "special": all are.
class TokenSettings {
 public:
  TokenSettings(const ConfigValue& config, const SettingsFile& map)
      : config_(config), map_(map.json) {
    check_map(map);
  }

  const ConfigValue& config() const { return config_; }
  ConfigValue map() const { return {map_, ""}; }
  /// Whether `key` is there at all; null counts.
  bool says(std::string_view key) const { return map_.has(key) || config_.json().find(key); }

  std::optional<AddedToken> token(std::string_view key) const {
    const ConfigValue from = map_.has(key) ? map() : config_;
    if (!from.has(key)) return std::nullopt;
    AddedToken out = read_token(from.at(key), true);
    if (map_.has(key)) out.special = true;
    return out;
  }
  bool is_string(std::string_view key) const {
    const Json* value = map_.has(key) ? map_.find(key) : config_.json().find(key);
    return value != nullptr && value->is_string();
  }

  /// The list under its new name, and (for the config alone) under its old one.
  std::optional<std::vector<AddedToken>> extra() const {
    std::optional<std::vector<AddedToken>> out;
    for (const auto* key : {"extra_special_tokens", "additional_special_tokens"}) {
      if ((out && !out->empty()) || !config_.has(key)) continue;
      if (config_.at(key).json().is_array()) out = read_list(config_.at(key));
    }
    if (map().has("extra_special_tokens") && map().at("extra_special_tokens").json().is_array()) {
      if (!out) out.emplace();
      for (auto& token : read_list(map().at("extra_special_tokens"))) {
        token.special = true;
        if (std::ranges::find(*out, token) == out->end()) out->push_back(std::move(token));
      }
    }
    return out;
  }
  /// The map's list under the old name: what classes know as additional_special_tokens.
  std::optional<std::vector<AddedToken>> additional() const {
    if (!map().has("additional_special_tokens")) return std::nullopt;
    return read_list(map().at("additional_special_tokens"));
  }

 private:
  const ConfigValue& config_;
  const Json& map_;
};

/// bos_token, eos_token, … of the settings or else of the class; an explicit null takes the
/// class's away. A string gets the flags that the class gives to it.
void read_named(const TokenSettings& settings, const ClassTokens& cls, Wanted& out) {
  for (const auto name : kNames) {
    const std::string key(name);
    const auto of_class = std::ranges::find(cls.named, key, &Named::key);
    auto token = settings.token(key);
    if (of_class != cls.named.end()) {
      if (!settings.says(key)) {
        token = of_class->token;
      } else if (token && settings.is_string(key)) {
        const std::string content = token->content;
        token = of_class->token;
        token->content = content;
      }
    }
    if (token) out.named.push_back({key, *token});
  }
}

/// The names that are not the seven. Strings of the config come last; the class never sees them.
void read_own(const TokenSettings& settings, const ClassTokens& cls, Wanted& out) {
  const Json& config = settings.config().json();
  for (const auto& [key, token] : cls.named) {
    if (!is_own(key)) continue;
    const Json* said = config.find(key);
    if (said == nullptr || said->is_string()) put(out.own, key, token);
  }
  for (const auto& [key, value] : config.as_object()) {
    if (!is_own(key)) continue;
    if (value.is_object()) put(out.own, key, read_token(settings.config().at(key), true));
    if (value.is_string()) put(out.own_set, key, plain(value.as_string()));
  }
  const ConfigValue map = settings.map();
  for (const auto& [key, value] : map.json().as_object()) {
    if (!is_own(key) || value.is_null()) continue;
    AddedToken token = read_token(map.at(key), true);
    token.special = true;
    put(out.own, key, std::move(token));
  }
  for (const ConfigValue& from : {settings.config(), map}) {
    if (!from.has("extra_special_tokens") || !from.at("extra_special_tokens").json().is_object()) {
      continue;
    }
    const ConfigValue list = from.at("extra_special_tokens");
    for (const auto& [key, value] : list.json().as_object()) {
      put(out.own_set, key, read_token(list.at(key), true));
    }
  }
}

/// The extra tokens: the settings' list, or what the class makes of its own.
std::vector<AddedToken> extra_tokens(const TokenSettings& settings, const ClassTokens& cls) {
  auto given = settings.extra();
  const auto additional = settings.additional();
  std::vector<AddedToken> own, out;
  for (const auto& content : cls.extra) own.push_back(plain(content));
  if (given && cls.extra_rule != ExtraRule::behind_all) return *given;
  if (given) out = *std::move(given);
  if (cls.extra_rule == ExtraRule::before) out.insert(out.end(), own.begin(), own.end());
  if (additional && cls.extra_rule != ExtraRule::alone) {
    out.insert(out.end(), additional->begin(), additional->end());
  }
  const bool marked = std::ranges::any_of(out, [&](const AddedToken& token) {
    return !cls.extra_mark.empty() && token.content.find(cls.extra_mark) != std::string::npos;
  });
  const bool adds =
      cls.extra_rule != ExtraRule::before && !(additional && cls.extra_rule == ExtraRule::instead);
  if (adds && !marked) out.insert(out.end(), own.begin(), own.end());
  return out;
}

/// added_tokens.json: content → id. Special are those that the settings name as such.
void read_added_tokens_json(const SettingsFile& file, const TokenSettings& settings, Listed& out) {
  std::set<std::string> specials;
  for (const auto name : kNames) {
    if (const auto token = settings.token(name)) specials.insert(token->content);
  }
  for (const auto& token : settings.extra().value_or(std::vector<AddedToken>())) {
    specials.insert(token.content);
  }
  const ConfigValue list(file.json, "");
  try {
    for (const auto& [content, id] : file.json.as_object()) {
      const bool special = specials.contains(content);
      out[list.at(content).integer()] = {
          .content = content, .normalized = !special, .special = special};
    }
  } catch (const Error& error) {
    throw error.at({.file = file.path, .offset = {}, .line = {}, .key = {}});
  }
}

/// A named token that is listed too has the list's flags: the reference keeps the last of equal
/// contents, in the order in which they were read.
void take_listed_flags(const Listed& listed, std::vector<Named>& named) {
  for (Named& one : named) {
    for (const auto& [id, token] : listed) {
      if (token.content == one.token.content) one.token = token;
    }
  }
}

/// What is listed is added even if it is there: its flags replace those of the file.
void add_all(const Wanted& wanted, TokenizerParts& parts) {
  std::set<std::string_view> named;
  for (const auto* list : {&wanted.named, &wanted.own}) {
    for (const auto& [key, token] : *list) named.insert(token.content);
  }
  std::vector<AddedToken> out;
  const auto take = [&](AddedToken token) {
    token.special = token.special || named.contains(token.content);
    out.push_back(std::move(token));
  };
  std::set<std::string, std::less<>> known;
  for (const auto& [id, token] : wanted.listed) {
    known.insert(token.content);
    take(token);
  }
  const auto take_new = [&](const AddedToken& token) {
    if (!known.contains(token.content) && !parts.added.id_of(token.content)) take(token);
  };
  for (const auto* list : {&wanted.named, &wanted.own}) {
    for (const auto& [key, token] : *list) take_new(token);
  }
  for (const AddedToken& token : wanted.extra) take_new(token);
  for (const AddedToken& token : out) parts.added.add(token, *parts.model);
}

/// Some classes add their tokens a second time, as they are or as plain special ones.
void add_again(const Wanted& wanted, bool keep_flags, TokenizerParts& parts) {
  const auto add = [&](AddedToken token) {
    if (!keep_flags) token = plain(token.content);
    token.special = true;
    parts.added.add(token, *parts.model);
  };
  for (const auto* list : {&wanted.named, &wanted.own}) {
    for (const auto& [key, token] : *list) add(token);
  }
  for (const AddedToken& token : wanted.extra) add(token);
}

}  // namespace

SettingsFile read_settings(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return {.path = path.string()};
  return parse_settings(path.string(), read_file(path.string(), limits::kConfigFile));
}

SettingsFile parse_settings(std::string path, std::string_view text) {
  SettingsFile out{.path = std::move(path), .exists = true};
  try {
    out.json = Json::parse(text, {.duplicate_keys = true});
    ConfigValue(out.json, "").require_object();
  } catch (const Error& error) {
    throw error.at({.file = out.path, .offset = {}, .line = {}, .key = {}});
  }
  return out;
}

TokenFiles read_token_files(const std::filesystem::path& folder) {
  return {read_settings(folder / "special_tokens_map.json"),
          read_settings(folder / "added_tokens.json")};
}

AddedToken read_token(const ConfigValue& value, bool special) {
  if (value.json().is_string()) {
    return {.content = value.text(), .normalized = false, .special = special};
  }
  const bool is_special = value.flag_or("special", special);
  return {.content = value.at("content").text(),
          .single_word = value.flag_or("single_word", false),
          .lstrip = value.flag_or("lstrip", false),
          .rstrip = value.flag_or("rstrip", false),
          .normalized = value.flag_or("normalized", !is_special),
          .special = is_special};
}

void add_folder_tokens(const TokenFiles& files, const ConfigValue& config, const ClassTokens& cls,
                       const AddedTokens& of_file, TokenizerParts& parts) {
  const bool has_list = config.has("added_tokens_decoder");
  const SettingsFile none;
  const TokenSettings settings(config, has_list ? none : files.special_tokens_map);
  Wanted wanted;
  if (has_list) {
    wanted.listed = read_added_tokens_decoder(config.at("added_tokens_decoder"));
  } else {
    read_added_tokens_json(files.added_tokens, settings, wanted.listed);
    for (const auto& [id, token] : of_file.all()) wanted.listed[id] = token;
  }
  read_named(settings, cls, wanted);
  read_own(settings, cls, wanted);
  take_listed_flags(wanted.listed, wanted.named);
  for (const auto& [key, token] : wanted.own_set) put(wanted.own, key, token);
  wanted.extra = extra_tokens(settings, cls);
  for (auto* field : fields_of(parts)) field->reset();
  const auto fields = fields_of(parts);
  for (const auto& [key, token] : wanted.named) {
    *fields[static_cast<std::size_t>(std::ranges::find(kNames, key) - kNames.begin())] =
        token.content;
  }
  add_all(wanted, parts);
  for (const auto& [key, token] : wanted.own) parts.token_variables.push_back({key, token.content});
  if (cls.adds_again != AddsAgain::no) {
    add_again(wanted, cls.adds_again == AddsAgain::with_flags, parts);
  }
}

}  // namespace typecase
