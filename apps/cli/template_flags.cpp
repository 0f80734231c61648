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
  table.text("template", "FILE", "a chat template in place of the model's", file);
  table.text("tools", "JSON", "tools that the model may call", tools);
  table.text("documents", "JSON", "documents to answer from, for templates that take them",
             documents);
  table.text("variables", "JSON", "an object of further variables of the template", variables);
  table.text("now", "TIME", "what the template takes for now, like 2026-11-22T10:00:00", now);
}

ChatSetup TemplateFlags::setup(const Tokenizer& tokenizer) const {
  ChatSetup out{.chat = file.empty() ? ChatTemplate::of(tokenizer)
                                     : ChatTemplate::parse(read_all(file, kLongestTemplate),
                                                           special_token_variables(tokenizer))};
  if (!tools.empty()) out.tools = json_option("--tools", "a list of tools", tools);
  if (!documents.empty()) {
    out.documents = json_option("--documents", "a list of documents", documents);
  }
  if (!variables.empty()) out.variables = json_option("--variables", "an object", variables);
  if (!now.empty()) out.now = ClockTime::parse(now);
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
