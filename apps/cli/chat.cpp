#include "answer_view.h"
#include "chat_repl.h"
#include "commands.h"
#include "conversation.h"
#include "generation_flags.h"
#include "shared_options.h"
#include "template_flags.h"
#include "terminal.h"

#include <typecase/error.h>
#include <typecase/system.h>

#include <unistd.h>

#include <memory>

namespace typecase::cli {
namespace {

class Chat {
 public:
  explicit Chat(Options& table);
  int operator()(Output& out);

 private:
  bool answers_once() const;
  Json messages() const;
  int answer_once(Output& out, Conversation& conversation, std::int64_t seed);
  std::string history() const;

  ModelFlags model_{};
  GenerationFlags generation_{};
  TalkFlags talk_{};
  TemplateFlags template_{};
  std::string system_{};
  TextFlags user_{};
  std::string messages_file_{};
  std::string load_{};
  bool keeps_history_ = true;
  bool json_ = false;
  Messages messages_{talk_};
};

Chat::Chat(Options& table) {
  table.text("system", "TEXT", "the system message", system_);
  table.add({.kind = Option::Kind::value,
             .name = "user",
             .value = "TEXT",
             .help = "answer this and end (so does a text on standard input)",
             .accept = [this](const std::string& text) { user_.text = text, user_.given = true; }});
  table.text("messages", "FILE",
             "answer the conversation in this JSON file and end (- is standard input)",
             messages_file_);
  table.text("load", "FILE", "go on with a conversation that /save wrote", load_);
  table.flag("json", "with one answer: a JSON document", json_);
  table.add({.kind = Option::Kind::yes_or_no,
             .name = "history",
             .value = {},
             .help = "keep what is typed for the arrow keys, on unless switched off",
             .accept = [this](const std::string& v) { keeps_history_ = v == "true"; }});
  template_.add_to(table);
  talk_.add_to(table);
  generation_.add_to(table);
  model_.add_to(table);
}

bool Chat::answers_once() const {
  return user_.given || !messages_file_.empty() || ::isatty(STDIN_FILENO) == 0;
}

Json message(const char* role, const std::string& text) {
  return Json::Object{{"role", Json(role)}, {"content", Json(text)}};
}

/// What one answer is given to: a file, then what the options and standard input say.
Json Chat::messages() const {
  Json out = Json::array();
  if (!messages_file_.empty()) {
    out = read_messages(messages_file_);
  } else if (!user_.given) {
    out.push_back(message("user", user_.read()));
  }
  auto& all = out.as_array();
  if (!system_.empty()) all.insert(all.begin(), message("system", system_));
  if (user_.given) all.push_back(message("user", user_.read()));
  return out;
}

std::string_view name_of(ChatAnswer::End end) {
  switch (end) {
    case ChatAnswer::End::finished:
      return "stop";
    case ChatAnswer::End::interrupted:
      return "interrupted";
    case ChatAnswer::End::length:
    case ChatAnswer::End::context:
      break;
  }
  return "length";
}

int Chat::answer_once(Output& out, Conversation& conversation, std::int64_t seed) {
  conversation.set_messages(messages());
  const CatchInterrupt interrupt;
  AnswerView view(out);
  ChatListener listener;
  if (!json_) listener.text = [&view](std::string_view piece) { view.push(piece); };
  listener.should_stop = CatchInterrupt::happened;
  listener.warning = [this](const std::string& text) { messages_.warn(text); };
  conversation.answer(listener);
  const ChatAnswer& answer = *conversation.last();
  if (json_) {
    const auto size = [](std::size_t n) { return Json(static_cast<std::int64_t>(n)); };
    const Json document =
        Json::Object{{"message", message("assistant", answer.opening + answer.text)},
                     {"finish_reason", Json(name_of(answer.end))},
                     {"prompt_tokens", size(answer.prompt.size())},
                     {"new_tokens", size(answer.ids.size())},
                     {"seed", Json(seed)}};
    out << document.dump() << "\n";
  } else {
    view.finish();
  }
  out.flush();
  messages_.note("seed " + std::to_string(seed));
  messages_.note("backend " + conversation.model().backend());
  return answer.end == ChatAnswer::End::interrupted ? exit_code(Code::interrupted) : 0;
}

std::string Chat::history() const { return keeps_history_ ? cache_folder() + "/chat_history" : ""; }

int Chat::operator()(Output& out) {
  model_.for_one_sequence();
  const Model model = model_.open();
  for (const auto& warning : model.warnings()) messages_.warn(warning);
  Conversation conversation(model, generation_, template_.setup(model.tokenizer()));
  const std::int64_t seed = generation_.sow();
  if (answers_once()) return answer_once(out, conversation, seed);
  if (json_) throw Error(Code::invalid_argument, "--json goes with --user or --messages");

  ChatRepl repl(conversation, generation_, messages_, out, history());
  if (!load_.empty()) repl.load(load_);
  if (!system_.empty()) conversation.set_system(system_);
  messages_.progress("loading …");
  model.prepare();
  messages_.progress("");
  repl.run();
  return 0;
}

}  // namespace

Action declare_chat(Options& table) {
  const auto chat = std::make_shared<Chat>(table);
  return [chat](Output& out) { return (*chat)(out); };
}

}  // namespace typecase::cli
