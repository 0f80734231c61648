#include "capi/border.h"
#include "capi/handles.h"

#include <typecase/chat.h>

#include <filesystem>
#include <memory>
#include <span>

using namespace typecase;
using namespace typecase::capi;

namespace {

/// A member of the request; null when it is not there.
Json member(const Json& request, std::string_view key) {
  const Json* found = request.find(key);
  return found != nullptr ? *found : Json();
}

bool flag(const Json& request, std::string_view key) {
  const Json value = member(request, key);
  if (value.is_null()) return false;
  if (!value.is_bool()) {
    throw Error(Code::invalid_argument,
                std::string(key) + ": expected true or false, found " + std::string(value.kind()));
  }
  return value.as_bool();
}

std::string chosen_template(const Json& request) {
  const Json value = member(request, "chat_template");
  if (value.is_null()) return "";
  if (!value.is_string()) {
    throw Error(Code::invalid_argument, "chat_template: expected a name or a source");
  }
  return value.as_string();
}

ChatRequest chat_request(const Json& request) {
  ChatRequest out;
  out.messages = member(request, "messages");
  out.tools = member(request, "tools");
  out.documents = member(request, "documents");
  out.add_generation_prompt = flag(request, "add_generation_prompt");
  if (flag(request, "continue_final_message")) out.continue_final_message = "content";
  if (Json variables = member(request, "variables"); !variables.is_null()) {
    out.variables = std::move(variables);
  }
  return out;
}

void give(const std::string& from, char** text, std::size_t* bytes) {
  *text = copy_of(from);
  if (bytes != nullptr) *bytes = from.size();
}

}  // namespace

typecase_status typecase_tokenizer_open(const char* path, typecase_tokenizer** tokenizer) {
  return guarded([&] {
    typecase_tokenizer*& out = cleared(tokenizer, "tokenizer");
    const std::string from = &required(path, "path");
    const bool folder = std::filesystem::is_directory(from);
    out = new typecase_tokenizer{std::make_shared<const Tokenizer>(
        folder ? Tokenizer::from_folder(from) : Tokenizer::from_file(from))};
  });
}

typecase_status typecase_model_tokenizer(const typecase_model* model,
                                         typecase_tokenizer** tokenizer) {
  return guarded([&] {
    typecase_tokenizer*& out = cleared(tokenizer, "tokenizer");
    const auto& owner = required(model, "model").model;
    out = new typecase_tokenizer{{owner, &owner->tokenizer()}};
  });
}

void typecase_tokenizer_close(typecase_tokenizer* tokenizer) { delete tokenizer; }

typecase_status typecase_tokenizer_end_id(const typecase_tokenizer* tokenizer, int32_t* end_id) {
  return guarded([&] {
    cleared(end_id, "end_id");
    *end_id = required(tokenizer, "tokenizer").tokenizer->end_id();
  });
}

typecase_status typecase_tokenize(const typecase_tokenizer* tokenizer, const char* text,
                                  size_t bytes, int32_t add_special_tokens, int32_t** ids,
                                  size_t* count) {
  return guarded([&] {
    cleared(count, "count");
    int32_t*& out = cleared(ids, "ids");
    const Tokenizer& chosen = *required(tokenizer, "tokenizer").tokenizer;
    const Tokens found = chosen.encode_ids(text_of(text, bytes, "text"), add_special_tokens != 0);
    out = copy_of(found);
    *count = found.size();
  });
}

typecase_status typecase_detokenize(const typecase_tokenizer* tokenizer, const int32_t* ids,
                                    size_t count, int32_t skip_special_tokens, char** text,
                                    size_t* bytes) {
  return guarded([&] {
    if (bytes != nullptr) *bytes = 0;
    cleared(text, "text");
    const Tokenizer& chosen = *required(tokenizer, "tokenizer").tokenizer;
    if (count > 0) required(ids, "ids");
    give(chosen.decode(std::span(ids, count), {.skip_special_tokens = skip_special_tokens != 0}),
         text, bytes);
  });
}

typecase_status typecase_render_chat(const typecase_tokenizer* tokenizer, const char* request_json,
                                     char** text, size_t* bytes) {
  return guarded([&] {
    if (bytes != nullptr) *bytes = 0;
    cleared(text, "text");
    const Tokenizer& chosen = *required(tokenizer, "tokenizer").tokenizer;
    const Json request = json_of(&required(request_json, "request_json"), "request_json", nullptr);
    if (!request.is_object()) throw Error(Code::invalid_argument, "request_json: not an object");
    const ChatRequest chat = chat_request(request);
    const auto source = ChatTemplate::of(chosen, chosen_template(request), !chat.tools.is_null());
    give(source.render(chat).text, text, bytes);
  });
}
