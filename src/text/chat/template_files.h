#pragma once

#include "text/config_value.h"
#include "text/tokenizer_impl.h"

#include <filesystem>

namespace typecase {

/// What tokenizer_config.json and the files beside it say about chats: the templates and the tokens
/// that are variables of theirs. Templates in files win over those of the config, all of them
/// together: chat_template.jinja is "default", additional_chat_templates/NAME.jinja the others.
void read_chat_settings(const std::filesystem::path& folder, const ConfigValue& config,
                        TokenizerParts& parts);

}  // namespace typecase
