#include "batch.h"
#include "commands.h"
#include "request_fields.h"
#include "shared_options.h"

#include <typecase/chat.h>
#include <typecase/error.h>
#include <typecase/model.h>

#include <fstream>
#include <memory>
#include <optional>
#include <sstream>

namespace typecase::cli {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream out;
  out << file.rdbuf();
  if (!file)
    throw Error(Code::not_found, "cannot read the file",
                Place{.file = path, .offset = {}, .line = {}, .key = {}});
  return out.str();
}

/// The template of a model, or one alone; requests may bring their own.
class OpenedTemplate {
 public:
  OpenedTemplate(const ModelFlags& flags, const std::string& file) {
    if (!file.empty()) {
      own_.emplace(ChatTemplate::parse(file_text(file)));
      return;
    }
    const std::string path = flags.chosen();
    if (path.ends_with(".gguf")) {
      const Model model = Model::open(path, flags.options);
      read(model.tokenizer());
    } else {
      read(Tokenizer::from_folder(path));
    }
  }

  const ChatTemplate& own() const {
    if (!own_) throw Error(Code::invalid_argument, "the model has no chat template; give one");
    return *own_;
  }
  const Json& special_tokens() const noexcept { return special_tokens_; }

 private:
  void read(const Tokenizer& tokenizer) {
    special_tokens_ = special_token_variables(tokenizer);
    if (tokenizer.chat_template()) own_.emplace(ChatTemplate::of(tokenizer));
  }

  std::optional<ChatTemplate> own_{};
  Json special_tokens_ = Json::object();
};

Json member_or(const Json& request, std::string_view key, Json otherwise) {
  const Json* found = optional_member(request, key);
  return found == nullptr ? otherwise : *found;
}

// true means the field "content"; a text names another.
std::string continued_field(const Json& request) {
  const Json* field = optional_member(request, "continue_final_message");
  if (field == nullptr) return "";
  if (field->is_string()) return field->as_string();
  return flag_or(request, "continue_final_message", false) ? "content" : "";
}

ChatRequest chat_request(const Json& request) {
  ChatRequest out;
  out.messages = member_or(request, "messages", nullptr);
  out.tools = member_or(request, "tools", nullptr);
  out.documents = member_or(request, "documents", nullptr);
  out.variables = member_or(request, "variables", Json::object());
  out.add_generation_prompt = flag_or(request, "add_generation_prompt", false);
  out.continue_final_message = continued_field(request);
  if (const Json* now = optional_member(request, "now"); now != nullptr && now->is_string()) {
    if (!now->as_string().empty()) out.now = ClockTime::parse(now->as_string());
  }
  return out;
}

// The request's own template is a source: one template has no names to choose from.
RenderedText rendered(const OpenedTemplate& opened, const Json& request) {
  const ChatRequest chat = chat_request(request);
  const Json* source = optional_member(request, "chat_template");
  if (source == nullptr) return opened.own().render(chat);
  if (!source->is_string()) {
    throw Error(Code::invalid_argument, "chat_template: a name or a source is needed");
  }
  return ChatTemplate::parse(source->as_string(), opened.special_tokens()).render(chat);
}

struct Render {
  ModelFlags model{};
  BatchFlags requests{};
  std::string template_file{};
  std::string messages{};
  std::string tools{};
  std::string now{};
  std::string system{};
  std::string user{};
  bool generate = true;
  bool json = false;

  int operator()(Output& out) const { return requests.wanted() ? batch(out) : one(out); }
  int batch(Output& out) const;
  int one(Output& out) const;
  Json conversation() const;
};

int Render::batch(Output& out) const {
  std::optional<OpenedTemplate> opened;
  const auto answer_with = [&]() -> Answer {
    opened.emplace(model, template_file);
    return [&](const Json& request, std::string& members) {
      append_member(members, "text", rendered(*opened, request).text);
    };
  };
  return answer_requests(requests, out, answer_with);
}

Json Render::conversation() const {
  if (!messages.empty()) return json_option("--messages", "a list of {role, content}", messages);
  Json out = Json::array();
  const auto add = [&](const char* role, const std::string& content) {
    if (content.empty()) return;
    Json message = Json::object();
    message.set("role", role);
    message.set("content", content);
    out.push_back(std::move(message));
  };
  add("system", system);
  add("user", user);
  return out;
}

int Render::one(Output& out) const {
  Json request = Json::object();
  request.set("messages", conversation());
  if (!tools.empty()) request.set("tools", json_option("--tools", "a list of tools", tools));
  request.set("add_generation_prompt", generate);
  request.set("now", now);
  const RenderedText text = rendered(OpenedTemplate(model, template_file), request);
  if (!json) {
    out << text.text;
    return 0;
  }
  Json document = Json::object();
  document.set("text", text.text);
  out << document.dump() << "\n";
  return 0;
}

}  // namespace

Action declare_render(Options& table) {
  const auto render = std::make_shared<Render>();
  table.text("user", "TEXT", "what the user says", render->user);
  table.text("system", "TEXT", "the system message", render->system);
  table.text("messages", "JSON", "a whole conversation in their place", render->messages);
  table.text("tools", "JSON", "tools that the model may call", render->tools);
  table.text("template", "FILE", "a template in place of the model's", render->template_file);
  table.text("now", "TIME", "what the template takes for now, like 2026-11-22T10:00:00",
             render->now);
  table.add({.kind = Option::Kind::yes_or_no,
             .name = "add-generation-prompt",
             .value = {},
             .help = "what opens the answer, on unless switched off",
             .accept = [render](const std::string& v) { render->generate = v == "true"; }});
  table.flag("json", "as one JSON document", render->json);
  render->model.add_to(table);
  render->requests.add_to(table);
  return [render](Output& out) { return (*render)(out); };
}

}  // namespace typecase::cli
