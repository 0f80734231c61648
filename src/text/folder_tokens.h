#pragma once

#include "text/class_parts.h"
#include "text/config_value.h"
#include "text/tokenizer_class.h"
#include "text/tokenizer_impl.h"

#include <filesystem>

namespace typecase {

/// One settings file of a folder; an empty object when it is not there.
struct SettingsFile {
  std::string path;
  Json json = Json::object();
  bool exists = false;
};
SettingsFile read_settings(const std::filesystem::path& path);
/// The same of a text; errors name `path`.
SettingsFile parse_settings(std::string path, std::string_view text);

/// The lists that older checkpoints keep beside tokenizer_config.json.
struct TokenFiles {
  SettingsFile special_tokens_map;  ///< name → token
  SettingsFile added_tokens;        ///< content → id
};
TokenFiles read_token_files(const std::filesystem::path& folder);

/// Adds the tokens that the files beside the vocabulary name, in the reference's order, and sets
/// bos_token, eos_token, … of `parts`.
///
/// Sources: added_tokens_decoder of tokenizer_config.json (`config`); without it `files` and the
/// tokenizer.json's own list (`of_file`). Then the tokens called "…_token", then the extra ones,
/// from the settings or else from the class. Throws Error(bad_file) naming the file and the key.
void add_folder_tokens(const TokenFiles& files, const ConfigValue& config, const ClassTokens& cls,
                       const AddedTokens& of_file, TokenizerParts& parts);

/// The token of a string, or of an object with its flags; special unless the object denies it.
AddedToken read_token(const ConfigValue& value, bool special);

}  // namespace typecase
