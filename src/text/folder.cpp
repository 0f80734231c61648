#include "base/limits.h"
#include "base/mapped_file.h"
#include "text/chat/template_files.h"
#include "text/class_parts.h"
#include "text/folder_files.h"
#include "text/merges_file.h"
#include "text/tokenizer_class.h"
#include "text/tokenizer_impl.h"
#include "text/tokenizer_json.h"

#include <typecase/error.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace typecase {
namespace {

/// One settings file of the folder; an empty object when it is not there.
struct Settings {
  std::string path;
  Json json;
  bool exists = false;
};

Settings read_settings(const std::filesystem::path& path) {
  Settings out{path.string(), Json::object()};
  if (!std::filesystem::exists(path)) return out;
  out.exists = true;
  try {
    out.json = Json::parse(read_file(out.path, limits::kConfigFile), {.duplicate_keys = true});
    ConfigValue(out.json, "").require_object();
  } catch (const Error& error) {
    throw error.at({.file = out.path, .offset = {}, .line = {}, .key = {}});
  }
  return out;
}

/// A token given as a string, or as an object with its flags.
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

std::map<std::int64_t, AddedToken> read_added_tokens_decoder(const ConfigValue& config) {
  std::map<std::int64_t, AddedToken> out;
  config.require_object();
  for (const auto& [id, token] : config.json().as_object()) {
    std::size_t used = 0;
    std::int64_t number = -1;
    if (!id.empty() && id.size() < 12 && id.find_first_not_of("0123456789") == std::string::npos) {
      number = std::stoll(id, &used);
    }
    if (number < 0) throw config.error(Code::bad_file, "expected token ids, found " + quote(id));
    out[number] = read_token(config.at(id), false);
  }
  return out;
}

void add_if_new(TokenizerParts& parts, const AddedToken& token) {
  if (!parts.added.id_of(token.content)) parts.added.add(token, *parts.model);
}

/// The list extra_special_tokens, or under its old name.
std::vector<ConfigValue> extra_tokens(const ConfigValue& config) {
  for (const auto* key : {"extra_special_tokens", "additional_special_tokens"}) {
    if (config.has(key) && config.at(key).json().is_array()) return config.at(key).elements();
  }
  return {};
}

/// The contents of bos_token, eos_token, …, from the settings or else the class.
std::set<std::string> named_tokens(const ConfigValue& config, const TokenizerParts& parts) {
  const std::pair<std::string_view, const std::optional<std::string>*> named[] = {
      {"bos_token", &parts.bos_token},  {"eos_token", &parts.eos_token},
      {"unk_token", &parts.unk_token},  {"sep_token", &parts.sep_token},
      {"pad_token", &parts.pad_token},  {"cls_token", &parts.cls_token},
      {"mask_token", &parts.mask_token}};
  std::set<std::string> out;
  for (const auto& [key, of_class] : named) {
    if (config.has(key)) {
      out.insert(read_token(config.at(key), true).content);
    } else if (*of_class && !config.json().find(key)) {
      out.insert(**of_class);
    }
  }
  return out;
}

/// added_tokens.json: content → id. Special are those that the settings name as such.
std::map<std::int64_t, AddedToken> read_added_tokens_json(const std::filesystem::path& folder,
                                                          const ConfigValue& config) {
  const Settings file = read_settings(folder / "added_tokens.json");
  std::set<std::string> specials = named_tokens(config, {});
  for (const auto& token : extra_tokens(config)) specials.insert(read_token(token, true).content);
  std::map<std::int64_t, AddedToken> out;
  const ConfigValue list(file.json, "");
  for (const auto& [content, id] : file.json.as_object()) {
    const bool special = specials.contains(content);
    out[list.at(content).integer()] = {
        .content = content, .normalized = !special, .special = special};
  }
  return out;
}

/// bos_token, eos_token, … : each becomes an added, special token if it is none yet.
void read_special_tokens(const ConfigValue& config, TokenizerParts& parts) {
  const std::pair<std::string_view, std::optional<std::string>*> named[] = {
      {"bos_token", &parts.bos_token},  {"eos_token", &parts.eos_token},
      {"unk_token", &parts.unk_token},  {"sep_token", &parts.sep_token},
      {"pad_token", &parts.pad_token},  {"cls_token", &parts.cls_token},
      {"mask_token", &parts.mask_token}};
  for (const auto& [key, field] : named) {
    // An explicit null takes away what the class would have.
    if (config.json().find(key) && !config.has(key)) field->reset();
    if (config.has(key)) {
      const AddedToken token = read_token(config.at(key), true);
      *field = token.content;
      add_if_new(parts, token);
    } else if (*field) {
      add_if_new(parts, {.content = **field, .normalized = false, .special = true});
    }
  }
  for (const auto& [key, value] : config.json().as_object()) {
    const bool is_named = std::ranges::any_of(named, [&](const auto& n) { return n.first == key; });
    if (is_named || !key.ends_with("_token") || !value.is_string()) continue;
    add_if_new(parts, read_token(config.at(key), true));
  }
  for (const auto& token : extra_tokens(config)) add_if_new(parts, read_token(token, true));
}

void read_plain_settings(const ConfigValue& config, TokenizerParts& parts) {
  if (config.has("model_max_length")) {
    // The reference writes 1e30 for "no limit".
    const double length = config.at("model_max_length").number();
    if (length > 0 && length < 1e15) parts.model_max_length = static_cast<std::int64_t>(length);
  }
  if (config.has("padding_side")) parts.pads_left = config.at("padding_side").text() == "left";
  parts.clean_up = config.flag_or("clean_up_tokenization_spaces", false);
  parts.clean_up_even_bpe = config.flag_or(
      "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output", false);
  parts.split_special_tokens = config.flag_or("split_special_tokens", false);
}

std::optional<NamedId> named(const TokenizerParts& parts, bool wanted,
                             const std::optional<std::string>& token) {
  if (!wanted || !token) return std::nullopt;
  return NamedId{*token, *parts.added.id_of(*token)};
}

void apply_config(const std::filesystem::path& folder, const Settings& settings, TokenizerClass cls,
                  bool has_json, const FolderFiles* files, TokenizerParts& parts) {
  const ConfigValue config(settings.json, "");
  // The one list rules the other files out: then neither special_tokens_map.json nor
  // added_tokens.json nor (for classes that build their parts) the file's own tokens count.
  const bool has_list = config.has("added_tokens_decoder");
  Json specials = settings.json;
  std::map<std::int64_t, AddedToken> listed;
  if (has_list) {
    listed = read_added_tokens_decoder(config.at("added_tokens_decoder"));
  } else {
    const Settings map = read_settings(folder / "special_tokens_map.json");
    for (const auto& [key, value] : map.json.as_object()) specials.set(key, value);
    listed = read_added_tokens_json(folder, ConfigValue(specials, ""));
  }
  if (cls != TokenizerClass::as_is) {
    rebuild_parts(cls, config, parts);
    const AddedTokens of_file = std::exchange(parts.added, {});
    if (!has_list) {
      for (const auto& [id, token] : of_file.all()) listed[id] = token;
    }
  }
  // A token that is named in the settings is special, whatever the list says.
  const auto specials_named = named_tokens(ConfigValue(specials, ""), parts);
  for (auto& [id, token] : listed) {
    token.special = token.special || specials_named.contains(token.content);
    add_if_new(parts, token);
  }
  read_special_tokens(ConfigValue(specials, ""), parts);
  if (cls == TokenizerClass::qwen2) {
    // This class adds the named tokens once more, without the flags of the list.
    for (const auto& content : specials_named) {
      parts.added.add({.content = content, .normalized = false, .special = true}, *parts.model);
    }
  }
  if (files) files->finish(parts);
  read_plain_settings(config, parts);
  read_chat_settings(folder, config, parts);
  // With a tokenizer_config.json the reference applies neither unless asked to.
  parts.truncation.reset();
  parts.padding.reset();
  rebuild_post_processor(cls, config, parts);
  if (parts.post_processor) return;
  // Beside a tokenizer.json the reference ignores these two flags.
  const bool bos = !has_json && config.flag_or("add_bos_token", false);
  const bool eos = !has_json && config.flag_or("add_eos_token", files && files->adds_eos);
  parts.post_processor =
      make_bos_eos_template(named(parts, bos, parts.bos_token), named(parts, eos, parts.eos_token));
}

std::string model_type_of(const std::filesystem::path& folder) {
  const Settings config = read_settings(folder / "config.json");
  const Json* type = config.json.find("model_type");
  return type && type->is_string() ? type->as_string() : std::string();
}

bool mentions_byte_level(const std::string& path) {
  const MappedFile file(path);
  const auto bytes = file.bytes();
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())
             .find("\"ByteLevel\"") != std::string_view::npos;
}

Error nothing_there(const std::filesystem::path& folder) {
  return Error(Code::not_found,
               "no tokenizer here: expected tokenizer.json, tekken.json, tokenizer.model, "
               "spiece.model, vocab.json and merges.txt, Marian's source.spm, or BERT's vocab.txt",
               {.file = folder.string()});
}

}  // namespace

Tokenizer Tokenizer::from_folder(const std::string& path) {
  const std::filesystem::path folder(path);
  const std::string json_path = (folder / "tokenizer.json").string();
  const Settings settings = read_settings(folder / "tokenizer_config.json");
  // The one class that reads SentencePiece files whatever else there is.
  const bool has_json =
      std::filesystem::exists(json_path) && !std::filesystem::exists(folder / "source.spm");
  if (has_json && !settings.exists) return from_file(json_path);

  const bool has_vocab = std::filesystem::exists(folder / "vocab.json") &&
                         std::filesystem::exists(folder / "merges.txt");
  std::optional<FolderFiles> files;
  if (!has_json)
    files = read_folder_files(folder, ConfigValue(settings.json, ""), model_type_of(folder));
  if (!has_json && !has_vocab && !files) throw nothing_there(folder);
  try {
    if (files) {
      TokenizerParts parts = std::move(files->parts);
      apply_config(folder, settings, TokenizerClass::as_is, false, &*files, parts);
      return make_tokenizer(std::move(parts));
    }
    const auto cls =
        tokenizer_class(ConfigValue(settings.json, "").text_or("tokenizer_class", ""),
                        model_type_of(folder), has_json && mentions_byte_level(json_path));
    TokenizerParts parts;
    if (has_json) {
      parts = read_tokenizer_json(json_path, class_model(cls, ConfigValue(settings.json, "")));
    } else if (cls == TokenizerClass::gpt2 || cls == TokenizerClass::roberta) {
      parts.source = "vocab.json";
      parts.model =
          read_vocab_and_merges((folder / "vocab.json").string(), (folder / "merges.txt").string());
    } else {
      throw Error(Code::unsupported,
                  "vocab.json and merges.txt need a class that says how to cut text; set "
                  "\"tokenizer_class\" to \"GPT2Tokenizer\" or \"RobertaTokenizer\"");
    }
    apply_config(folder, settings, cls, has_json, nullptr, parts);
    return make_tokenizer(std::move(parts));
  } catch (const Error& error) {
    throw error.at({.file = settings.path, .offset = {}, .line = {}, .key = {}});
  }
}

}  // namespace typecase
