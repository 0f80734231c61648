#pragma once

#include "text/config_value.h"
#include "text/tokenizer_impl.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

namespace typecase {

/// A tokenizer read from other files than tokenizer.json and vocab.json.
struct FolderFiles {
  TokenizerParts parts;
  /// Adds the tokens that come behind those of tokenizer_config.json, and what needs them.
  std::function<void(TokenizerParts&)> finish = [](TokenizerParts&) {};
  bool adds_eos = false;  ///< when the config does not say
};

/// tekken.json, else a SentencePiece model or tiktoken ranks, else vocab.txt, as the reference's
/// class for them reads them (Marian's pair: marian.h); nothing when the folder has none. `config`:
/// tokenizer_config.json. Throws Error with the file's path.
std::optional<FolderFiles> read_folder_files(const std::filesystem::path& folder,
                                             const ConfigValue& config,
                                             std::string_view model_type);

}  // namespace typecase
