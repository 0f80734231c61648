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
  std::string typed = "control";

  void add_to(Options& options_table);
  /// Throws Error(not_found) when the model has no such template.
  ChatSetup setup(const Tokenizer& tokenizer) const;
  TypedTokens typed_tokens() const;
};

/// The template that a file, or a name or source with a model's tokenizer, stands for.
ChatTemplate template_of(const std::string& file, Json special_tokens);

/// The messages of a JSON file: a list, or an object whose "messages" is one. "-" is standard
/// input.
Json read_messages(const std::string& path);

}  // namespace typecase::cli
