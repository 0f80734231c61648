#include "batch.h"
#include "commands.h"
#include "request_fields.h"
#include "shared_options.h"
#include "template_flags.h"
#include "terminal.h"
#include "token_view.h"

#include <typecase/chat.h>
#include <typecase/error.h>
#include <typecase/model.h>

#include <memory>
#include <optional>

namespace typecase::cli {
namespace {

/// Where templates come from: a file alone, or a model's tokenizer. Requests may name another one
/// of the model's, or bring a source.
class Templates {
 public:
  Templates(const ModelFlags& flags, std::string file, std::string asked)
      : file_(std::move(file)), asked_(std::move(asked)) {
    if (!file_.empty() && flags.path.empty()) return;
    const std::string path = flags.chosen();
    if (path.ends_with(".gguf")) {
      model_.emplace(Model::open(path, flags.options));
    } else {
      own_.emplace(Tokenizer::from_folder(path));
    }
  }

  /// nullptr: there is only a file.
  const Tokenizer* tokenizer() const {
    return own_ ? &*own_ : model_ ? &model_->tokenizer() : nullptr;
  }

  /// `asked`: a name or a source, or "" for the one that goes without saying. Kept until the next.
  const ChatTemplate& get(const std::string& asked, bool has_tools) {
    if (last_ && asked == last_asked_ && has_tools == last_has_tools_) return *last_;
    last_.reset();
    last_.emplace(parse(asked, has_tools));
    last_asked_ = asked;
    last_has_tools_ = has_tools;
    return *last_;
  }

 private:
  ChatTemplate parse(const std::string& asked, bool has_tools) const {
    const Tokenizer* tokenizer = this->tokenizer();
    const Json special =
        tokenizer != nullptr ? special_token_variables(*tokenizer) : Json::object();
    if (asked.empty() && !file_.empty()) return template_of(file_, special);
    if (tokenizer == nullptr) return ChatTemplate::parse(asked, special);
    return ChatTemplate::of(*tokenizer, asked.empty() ? asked_ : asked, has_tools);
  }

  std::string file_;
  std::string asked_;
  std::optional<Tokenizer> own_{};
  std::optional<Model> model_{};
  std::optional<ChatTemplate> last_{};
  std::string last_asked_{};
  bool last_has_tools_ = false;
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

struct Rendered {
  const ChatTemplate& chat;
  RenderedText text;
};

Rendered rendered(Templates& templates, const Json& request) {
  const ChatRequest chat = chat_request(request);
  const Json* asked = optional_member(request, "chat_template");
  if (asked != nullptr && !asked->is_string()) {
    throw Error(Code::invalid_argument, "chat_template: a name or a source is needed");
  }
  const ChatTemplate& chosen =
      templates.get(asked != nullptr ? asked->as_string() : "", !chat.tools.is_null());
  return {chosen, chosen.render(chat)};
}

struct Render {
  ModelFlags model{};
  BatchFlags requests{};
  TemplateFlags chat{};
  std::string file{};
  std::string messages{};
  std::string system{};
  std::string user{};
  std::string continued{};
  bool generate = true;
  bool tokens = false;
  bool json = false;

  int operator()(Output& out) const { return requests.wanted() ? batch(out) : one(out); }
  int batch(Output& out) const;
  int one(Output& out) const;
  Json conversation() const;
  Json request() const;
};

int Render::batch(Output& out) const {
  std::optional<Templates> templates;
  const auto answer_with = [&]() -> Answer {
    templates.emplace(model, chat.file, chat.name);
    return [&](const Json& request, std::string& members) {
      append_member(members, "text", rendered(*templates, request).text.text);
    };
  };
  return answer_requests(requests, out, answer_with);
}

Json Render::conversation() const {
  if (!messages.empty()) return json_option("--messages", "a list of {role, content}", messages);
  Json out = file.empty() ? Json::array() : read_messages(file);
  const auto message = [](const char* role, const std::string& content) {
    return Json::Object{{"role", Json(role)}, {"content", Json(content)}};
  };
  if (!system.empty()) out.as_array().insert(out.as_array().begin(), message("system", system));
  if (!user.empty()) out.push_back(message("user", user));
  return out;
}

Json Render::request() const {
  Json out = Json::object();
  out.set("messages", conversation());
  const auto set_json = [&](const char* name, const char* what, const std::string& text) {
    if (!text.empty()) out.set(name, json_option(std::string("--") + name, what, text));
  };
  set_json("tools", "a list of tools", chat.tools);
  set_json("documents", "a list of documents", chat.documents);
  set_json("variables", "an object", chat.variables);
  if (!continued.empty()) out.set("continue_final_message", continued);
  out.set("add_generation_prompt", generate && continued.empty());
  out.set("now", chat.now);
  return out;
}

// [[begin, end], …] in bytes of the text.
Json spans(const std::vector<ByteSpan>& all) {
  Json out = Json::array();
  for (const ByteSpan& span : all) {
    out.push_back(
        Json::Array{static_cast<std::int64_t>(span.begin), static_cast<std::int64_t>(span.end)});
  }
  return out;
}

int Render::one(Output& out) const {
  Templates templates(model, chat.file, chat.name);
  const auto [used, text] = rendered(templates, request());
  const Tokenizer* tokenizer = templates.tokenizer();
  if (tokens && tokenizer == nullptr) {
    throw Error(Code::invalid_argument, "--tokens needs a model beside --template");
  }
  if (!json && !tokens) {
    out << text.text;
    return 0;
  }
  const Tokens ids =
      tokenizer != nullptr ? encode_chat(*tokenizer, used, text, chat.typed_tokens()) : Tokens{};
  if (!json) {
    out << token_cells(*tokenizer, ids, static_cast<std::size_t>(terminal_columns()));
    return 0;
  }
  Json document = Json::Object{{"text", Json(text.text)}};
  if (tokenizer != nullptr) document.set("input_ids", Json::array_of(ids));
  document.set("caller_spans", spans(text.caller_spans));
  document.set("generation_spans", spans(text.generation_spans));
  out << document.dump() << "\n";
  return 0;
}

}  // namespace

Action declare_render(Options& table) {
  const auto render = std::make_shared<Render>();
  table.text("user", "TEXT", "what the user says", render->user);
  table.text("system", "TEXT", "the system message", render->system);
  table.text("messages", "JSON", "a whole conversation in their place", render->messages);
  table.text("messages-file", "FILE", "a conversation in a JSON file, before --user", render->file);
  table.add({.kind = Option::Kind::yes_or_no,
             .name = "add-generation-prompt",
             .value = {},
             .help = "what opens the answer, on unless switched off",
             .accept = [render](const std::string& v) { render->generate = v == "true"; }});
  table.text("continue-final-message", "FIELD",
             "end inside this field of the last message (content)", render->continued);
  table.flag("tokens", "the tokens as the model reads them, with ids, in place of the text",
             render->tokens);
  table.flag("json",
             "one JSON document: text, input_ids, what the caller wrote, what was generated",
             render->json);
  render->chat.add_to(table);
  render->model.add_to(table);
  render->requests.add_to(table);
  return [render](Output& out) { return (*render)(out); };
}

}  // namespace typecase::cli
