#pragma once

#include "conversation.h"
#include "options.h"

#include <string>

namespace typecase::cli {

/// How a conversation becomes text: the template and what it is given.
struct TemplateFlags {
  std::string file{};
  std::string name{};
  std::string tools{};
  std::string documents{};
  std::string variables{};
  std::string now{};
  std::string typed_tokens = "as-reference";

  void add_to(Options& options_table);
  /// Throws Error(not_found) when the model has no such template.
  ChatSetup setup(const Tokenizer& tokenizer) const;
};

/// The messages of a JSON file: a list, or an object whose "messages" is one. "-" is standard
/// input.
Json read_messages(const std::string& path);

}  // namespace typecase::cli
