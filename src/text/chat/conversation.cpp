#include "text/chat/conversation.h"

#include "text/chat/characters.h"
#include "text/chat/tables.h"

#include <typecase/error.h>

#include <algorithm>

namespace typecase::chat {
namespace {

constexpr std::string_view kReasoning[] = {"reasoning_content", "thinking", "reasoning"};
constexpr std::string_view kTag = "CONTINUE_FINAL_MESSAGE_TAG ";
constexpr std::string_view kBareTag = kTag.substr(0, kTag.size() - 1);

[[noreturn]] void fail(std::string message) {
  throw Error(Code::invalid_argument, std::move(message));
}

Json with_reasoning(const Json& message) {
  const Json* reasoning = nullptr;
  for (const auto name : kReasoning) {
    reasoning = message.find(name);
    if (reasoning != nullptr) break;
  }
  if (reasoning == nullptr) return message;
  Json out = Json::object();
  if (!message.has("thinking")) out.set("thinking", *reasoning);
  for (const auto& [key, value] : message.as_object()) {
    // {"thinking": …, **message}: thinking stays in front when the message has it too.
    out.set(key, value);
  }
  out.set("reasoning_content", *reasoning);
  if (!message.has("thinking")) return out;
  Json reordered = Json::object();
  reordered.set("thinking", message.at("thinking"));
  for (const auto& [key, value] : out.as_object()) reordered.set(key, value);
  return reordered;
}

bool is_reasoning(std::string_view field) {
  return std::find(std::begin(kReasoning), std::end(kReasoning), field) != std::end(kReasoning);
}

std::string with_tag(const Json& text) {
  if (!text.is_string()) fail("continue_final_message: the last message's text is no string");
  return text.as_string() + std::string(kTag);
}

}  // namespace

Json normalised(const Json& messages) {
  if (!messages.is_array()) fail("messages: a list is needed");
  if (messages.size() == 0) fail("messages: at least one message is needed");
  Json out = Json::array();
  for (const Json& message : messages.as_array()) {
    if (!message.is_object()) fail("messages: each message must be an object");
    Json kept = Json::object();
    for (const auto& [key, value] : message.as_object()) {
      if (!value.is_null()) kept.set(key, value);
    }
    out.push_back(with_reasoning(kept));
  }
  return out;
}

void check_objects(const Json& list, std::string_view what) {
  if (list.is_null()) return;
  if (!list.is_array()) fail(std::string(what) + ": a list of objects is needed");
  for (const Json& item : list.as_array()) {
    if (!item.is_object()) fail(std::string(what) + ": each element must be an object");
  }
}

Continuation::Continuation(Json& messages, std::string_view field, std::string_view source) {
  Json& last = messages.as_array().back();
  const Json* found = last.find(field);
  if (found == nullptr) {
    fail("continue_final_message: the last message has no " + quote(field) + " to continue");
  }
  const Json text = *found;
  std::vector<std::string_view> fields{field};
  if (is_reasoning(field)) {
    fields.clear();
    for (const auto name : kReasoning) {
      if (last.has(name) && last.at(name) == text) fields.push_back(name);
    }
  }
  const auto named = [&](auto f) { return source.find(f) != std::string_view::npos; };
  if (std::none_of(fields.begin(), fields.end(), named)) {
    fail("continue_final_message: the template has no field " + quote(field));
  }
  if (!text.is_array()) {
    for (const auto name : fields) last.set(name, with_tag(text));
    message_ = text.as_string();
    return;
  }
  Json blocks = text;
  auto& list = blocks.as_array();
  const auto block = std::find_if(list.rbegin(), list.rend(),
                                  [](const Json& b) { return b.is_object() && b.has("text"); });
  if (block == list.rend())
    fail("continue_final_message: the last message has no text to continue");
  const std::string tagged = with_tag(block->at("text"));
  message_ = block->at("text").as_string();
  block->set("text", tagged);
  last.set(field, std::move(blocks));
}

void Continuation::cut(Text& rendered) const {
  const std::string& text = rendered.bytes;
  const std::size_t tag = text.rfind(kBareTag);
  if (text.find(strip(message_)) == std::string::npos || tag == std::string::npos) {
    fail(
        "continue_final_message: the last message does not appear in the rendered chat; the "
        "template drops or changes it");
  }
  const bool kept_space = std::string_view(text).substr(tag).starts_with(kTag);
  rendered.truncate(tag);
  // A template that trims took the tag's space; what it trims of the message goes too.
  if (!kept_space) rendered.truncate(strip_right(rendered.bytes).size());
}

Value value_of(const Json& json, Meter* meter, bool from_caller) {
  if (json.is_null()) return Value::none();
  if (json.is_bool()) return Value::boolean(json.as_bool());
  if (json.is_integer()) return Value::integer(json.as_integer());
  if (json.is_float()) return Value::real(json.as_number());
  const auto text = [&](const std::string& bytes) {
    return Value::string(from_caller ? Text::from_caller(bytes) : Text(bytes), meter);
  };
  if (json.is_string()) return text(json.as_string());
  if (json.is_array()) {
    std::vector<Value> items;
    for (const Json& item : json.as_array()) items.push_back(value_of(item, meter, from_caller));
    return Value::list(std::move(items), meter);
  }
  std::vector<std::pair<Value, Value>> items;
  for (const auto& [key, value] : json.as_object()) {
    items.emplace_back(text(key), value_of(value, meter, from_caller));
  }
  return dict_of(std::move(items), meter);
}

}  // namespace typecase::chat
