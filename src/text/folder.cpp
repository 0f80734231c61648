#include "base/mapped_file.h"
#include "text/chat/template_files.h"
#include "text/class_parts.h"
#include "text/folder_files.h"
#include "text/folder_tokens.h"
#include "text/merges_file.h"
#include "text/tokenizer_class.h"
#include "text/tokenizer_impl.h"
#include "text/tokenizer_json.h"

#include <typecase/error.h>

#include <algorithm>
#include <filesystem>

namespace typecase {
namespace {

void read_plain_settings(const ConfigValue& config, TokenizerParts& parts) {
  if (config.has("model_max_length")) {
    // The reference writes 1e30 for "no limit".
    const double length = config.at("model_max_length").number();
    if (length > 0 && length < 1e15) parts.model_max_length = static_cast<std::int64_t>(length);
  }
  if (config.has("padding_side")) parts.pads_left = config.at("padding_side").text() == "left";
  parts.clean_up = config.flag_or("clean_up_tokenization_spaces", false);
  parts.clean_up_even_bpe =
      config.flag_or("clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output",
                     parts.clean_up_even_bpe);
  parts.split_special_tokens = config.flag_or("split_special_tokens", false);
}

std::optional<NamedId> named(const TokenizerParts& parts, bool wanted,
                             const std::optional<std::string>& token) {
  if (!wanted || !token) return std::nullopt;
  return NamedId{*token, *parts.added.id_of(*token)};
}

/// The tokens that reading the files has set already: the defaults of a folder without class.
ClassTokens tokens_so_far(const TokenizerParts& parts) {
  const std::pair<const char*, const std::optional<std::string>&> fields[] = {
      {"bos_token", parts.bos_token},  {"eos_token", parts.eos_token},
      {"unk_token", parts.unk_token},  {"sep_token", parts.sep_token},
      {"pad_token", parts.pad_token},  {"cls_token", parts.cls_token},
      {"mask_token", parts.mask_token}};
  ClassTokens out;
  for (const auto& [key, token] : fields) {
    if (token) {
      out.named.push_back({key, {.content = *token, .normalized = false, .special = true}});
    }
  }
  return out;
}

/// A file with padding names the padding token, unless the class or the config does.
ClassTokens with_padding(ClassTokens tokens, const TokenizerParts& parts) {
  const bool has = std::ranges::any_of(
      tokens.named, [](const ClassTokens::Named& one) { return one.key == "pad_token"; });
  if (parts.padding && !has) {
    tokens.named.push_back(
        {"pad_token", {.content = parts.padding->token, .normalized = false, .special = true}});
  }
  return tokens;
}

void apply_config(const std::filesystem::path& folder, const SettingsFile& settings,
                  TokenizerClass cls, bool has_json, const FolderFiles* files,
                  TokenizerParts& parts) {
  const ConfigValue config(settings.json, "");
  const bool rebuilds = cls != TokenizerClass::as_is;
  const AddedTokens of_file = has_json ? parts.added : AddedTokens();
  if (rebuilds) parts.added = {};
  if (rebuilds) rebuild_parts(cls, config, parts);
  // Beside added_tokens_decoder the reference does not even open the older lists.
  add_folder_tokens(
      config.has("added_tokens_decoder") ? TokenFiles() : read_token_files(folder), config,
      with_padding(rebuilds ? class_tokens(cls, config) : tokens_so_far(parts), parts), of_file,
      parts);
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
  const SettingsFile config = read_settings(folder / "config.json");
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
  const SettingsFile settings = read_settings(folder / "tokenizer_config.json");
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
    const ClassModel model = class_model(cls, ConfigValue(settings.json, ""));
    TokenizerParts parts;
    if (has_json) {
      parts = read_tokenizer_json(json_path, model);
    } else if (model.kind == "BPE") {
      parts.source = "vocab.json";
      parts.model = read_vocab_and_merges((folder / "vocab.json").string(),
                                          (folder / "merges.txt").string(), model.bpe);
    } else {
      throw Error(Code::unsupported,
                  "vocab.json and merges.txt need a class that says how to cut text; set "
                  "\"tokenizer_class\", for instance to \"GPT2Tokenizer\" or \"RobertaTokenizer\"");
    }
    apply_config(folder, settings, cls, has_json, nullptr, parts);
    return make_tokenizer(std::move(parts));
  } catch (const Error& error) {
    throw error.at({.file = settings.path, .offset = {}, .line = {}, .key = {}});
  }
}

}  // namespace typecase
