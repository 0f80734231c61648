#include "text/chat/conversation.h"
#include "text/chat/interpreter.h"
#include "text/chat/parser.h"

#include <typecase/chat.h>
#include <typecase/error.h>

#include <algorithm>
#include <memory>

namespace typecase {

struct ChatTemplate::Parts {
  std::shared_ptr<const chat::Program> program;
  Json special_tokens;
};

ChatTemplate::ChatTemplate(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;
ChatTemplate::~ChatTemplate() = default;

ChatTemplate ChatTemplate::parse(std::string_view source, Json special_tokens) {
  return ChatTemplate(
      std::make_unique<Parts>(chat::parse_template(source), std::move(special_tokens)));
}

const std::string& ChatTemplate::source() const noexcept {
  return parts_->program->source.original();
}

const std::string& ChatTemplate::literal_text() const noexcept {
  return parts_->program->literal_text;
}

RenderedText ChatTemplate::render(const ChatRequest& request) const {
  const bool continues = !request.continue_final_message.empty();
  if (continues && request.add_generation_prompt) {
    throw Error(Code::invalid_argument,
                "continue_final_message and add_generation_prompt exclude each other");
  }
  if (!request.variables.is_object()) {
    throw Error(Code::invalid_argument, "variables: an object is needed");
  }
  Json messages = chat::normalised(request.messages);
  chat::check_objects(request.tools, "tools");
  chat::check_objects(request.documents, "documents");
  std::optional<chat::Continuation> continuation;
  if (continues) continuation.emplace(messages, request.continue_final_message, source());

  chat::Meter meter(request.limits);
  chat::Interpreter interpreter(*parts_->program, meter, request.now);
  const auto define = [&](std::string_view name, const Json& value, bool from_caller) {
    interpreter.define(name, chat::value_of(value, &meter, from_caller));
  };
  for (const auto& [name, value] : parts_->special_tokens.as_object()) define(name, value, false);
  for (const auto& [name, value] : request.variables.as_object()) define(name, value, true);
  define("messages", messages, true);
  define("tools", request.tools, true);
  define("documents", request.documents, true);
  define("add_generation_prompt", request.add_generation_prompt, false);

  RenderedText out;
  chat::Text text = interpreter.run(out.generation_spans);
  if (continuation) continuation->cut(text);
  out.text = std::move(text.bytes);
  out.caller_spans = std::move(text.caller);
  return out;
}

}  // namespace typecase
