#include "template_flags.h"

#include "output.h"
#include "shared_options.h"

#include <typecase/error.h>

namespace typecase::cli {
namespace {

constexpr std::size_t kLongestTemplate = 4 << 20;
constexpr std::size_t kLongestMessages = 256 << 20;

}  // namespace

void TemplateFlags::add_to(Options& table) {
  table.group("Template");
  table.text("chat-template", "NAME", "one of the model's named templates, or a source", name);
  table.text("template", "FILE", "a template in place of the model's", file);
  table.text("tools", "JSON", "tools that the model may call", tools);
  table.text("documents", "JSON", "documents to answer from, for templates that take them",
             documents);
  table.text("variables", "JSON", "an object of further variables of the template", variables);
  table.text("now", "TIME", "what the template takes for now, like 2026-11-22T10:00:00", now);
  table.choice("special-tokens-in-messages", {"control", "literal"},
               "what a control token is that is spelled in a message: one, as in the reference, or "
               "plain text",
               typed);
}

TypedTokens TemplateFlags::typed_tokens() const {
  return typed == "literal" ? TypedTokens::text : TypedTokens::control;
}

ChatTemplate template_of(const std::string& file, Json special_tokens) {
  try {
    return ChatTemplate::parse(read_all(file, kLongestTemplate), std::move(special_tokens));
  } catch (const Error& error) {
    throw error.at(Place{.file = file});
  }
}

ChatSetup TemplateFlags::setup(const Tokenizer& tokenizer) const {
  ChatSetup out{.chat = file.empty() ? ChatTemplate::of(tokenizer, name, !tools.empty())
                                     : template_of(file, special_token_variables(tokenizer))};
  if (!tools.empty()) out.tools = json_option("--tools", "a list of tools", tools);
  if (!documents.empty()) {
    out.documents = json_option("--documents", "a list of documents", documents);
  }
  if (!variables.empty()) out.variables = json_option("--variables", "an object", variables);
  if (!now.empty()) out.now = ClockTime::parse(now);
  out.typed = typed_tokens();
  return out;
}

Json read_messages(const std::string& path) {
  try {
    Json all = Json::parse(read_all(path, kLongestMessages), {.depth = 64, .duplicate_keys = true});
    return all.has("messages") ? all.at("messages") : all;
  } catch (const Error& error) {
    throw error.at(Place{.file = path == "-" ? "standard input" : path});
  }
}

}  // namespace typecase::cli
