#include "chat_repl.h"

#include "answer_view.h"
#include "columns.h"
#include "generation_fields.h"
#include "markdown.h"
#include "terminal.h"

#include <typecase/error.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

namespace typecase::cli {
namespace {

constexpr std::string_view kQuotes = "\"\"\"";

std::string prompt() { return paint(Stream::output, Paint::bold, "> "); }
std::string continuation() { return paint(Stream::output, Paint::faint, "… "); }

/// "reading 35 %" in place of an answer that does not begin at once; on a terminal only.
class ReadingLine {
 public:
  explicit ReadingLine(Output& out) : out_(out) {}

  void show(std::size_t done, std::size_t all) {
    const bool late = std::chrono::steady_clock::now() - start_ > std::chrono::milliseconds(700);
    if (!late || done == 0 || !is_terminal(Stream::output)) return;
    const std::string text = "reading " + grouped(done) + " of " + grouped(all) + " tokens";
    out_ << "\r" << paint(Stream::output, Paint::faint, text);
    out_.flush();
    shown_ = text.size();
  }
  void clear() {
    if (shown_ > 0) out_ << "\r" << std::string(shown_, ' ') << "\r";
    shown_ = 0;
  }

 private:
  Output& out_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::size_t shown_ = 0;
};

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\n");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1));
}

}  // namespace

ChatRepl::ChatRepl(Conversation& conversation, GenerationFlags& generation, Messages& messages,
                   Output& out, std::string history)
    : conversation_(conversation),
      generation_(generation),
      messages_(messages),
      out_(out),
      editor_(std::move(history), [this](const std::string& text) { return completions(text); }) {}

void ChatRepl::line(const std::string& text) {
  out_ << text << "\n";
  out_.flush();
}

void ChatRepl::note(const std::string& text) { line(paint(Stream::output, Paint::faint, text)); }

void ChatRepl::run() {
  const CatchInterrupt interrupt(CatchInterrupt::Second::is_noted);
  std::string model = std::filesystem::path(conversation_.model().path()).filename().string();
  if (model.empty()) model = conversation_.model().path();
  std::string greeting = model;
  if (conversation_.context() > 0) {
    greeting += ", " + grouped(conversation_.context()) + " tokens of context";
  }
  line(paint(Stream::output, Paint::bold, harmless(greeting)));
  note("/help lists the commands. Ctrl-C stops an answer, Ctrl-D ends the chat.");
  std::string text;
  while (!ended_ && read(text)) {
    if (text.empty()) continue;
    try {
      obey(text);
    } catch (const Error& error) {
      if (error.code() == Code::limit) {
        say_choices(error.message());
      } else {
        line(paint(Stream::output, Paint::red, error.what()));
      }
    }
  }
}

/// The next message or command; false at the end.
bool ChatRepl::read(std::string& text) {
  text.clear();
  out_ << "\n";
  out_.flush();
  for (;;) {
    const LineEditor::Line typed = editor_.read(text.empty() ? prompt() : continuation());
    if (typed.kind == LineEditor::Line::Kind::interrupted) {
      if (text.empty()) note("Ctrl-D or /bye ends the chat.");
      text.clear();
      continue;
    }
    if (typed.kind == LineEditor::Line::Kind::end) return !text.empty();
    text += typed.text;
    if (!text.ends_with('\\')) break;  // the message goes on in the next line
    text.back() = '\n';
  }
  text = trimmed(text);
  if (text.starts_with(kQuotes) && !read_block(text)) return false;
  if (!text.empty()) editor_.remember(text);
  return true;
}

bool ChatRepl::read_block(std::string& text) {
  text.erase(0, kQuotes.size());
  while (!text.ends_with(kQuotes)) {
    const LineEditor::Line typed = editor_.read(continuation());
    if (typed.kind == LineEditor::Line::Kind::interrupted) {
      text.clear();
      return true;
    }
    if (typed.kind == LineEditor::Line::Kind::end) return false;
    text += "\n" + typed.text;
  }
  text = trimmed(std::string_view(text).substr(0, text.size() - kQuotes.size()));
  return true;
}

void ChatRepl::obey(const std::string& text) {
  if (text[0] != '/' || text.find('\n') != std::string::npos) {
    return show_answer([&](const ChatListener& listener) { conversation_.ask(text, listener); });
  }
  const std::size_t space = text.find(' ');
  const std::string name = text.substr(1, space - 1);
  const std::string rest = space == std::string::npos ? "" : trimmed(text.substr(space));
  const auto all = commands();
  const auto command =
      std::find_if(all.begin(), all.end(), [&](const Command& c) { return c.name == name; });
  if (command == all.end()) {
    note("There is no command /" + harmless(name) + "; /help lists them.");
    return;
  }
  (this->*command->run)(rest);
}

std::vector<std::string> ChatRepl::completions(const std::string& text) const {
  std::vector<std::string> all;
  if (text.starts_with("/set ")) {
    for (const FieldOption& field : field_options())
      all.push_back("/set " + std::string(field.name));
  } else {
    for (const Command& command : commands()) all.push_back("/" + std::string(command.name));
  }
  std::erase_if(all,
                [&](const std::string& one) { return text.empty() || !one.starts_with(text); });
  return all;
}

void ChatRepl::show_answer(const std::function<void(const ChatListener&)>& write,
                           std::string_view before) {
  out_ << "\n";
  out_.flush();
  CatchInterrupt::forget();
  const HideTyping quiet;
  AnswerView view(out_);
  view.push(before);
  ReadingLine reading(out_);
  ChatListener listener;
  listener.reading = [&](std::size_t done, std::size_t all) { reading.show(done, all); };
  listener.text = [&](std::string_view piece) {
    reading.clear();
    view.push(piece);
  };
  listener.should_stop = CatchInterrupt::happened;
  listener.warning = [this](const std::string& text) { messages_.warn(text); };
  try {
    write(listener);
  } catch (...) {
    reading.clear();
    view.finish();
    throw;
  }
  reading.clear();
  view.finish();
  say_how_it_ended();
}

void ChatRepl::say_how_it_ended() {
  const auto& last = conversation_.last();
  if (!last || last->ids.empty()) {
    return note("Stopped before the first word; the message was taken back.");
  }
  switch (last->end) {
    case ChatAnswer::End::finished:
      return;
    case ChatAnswer::End::interrupted:
      return note("Stopped. /more goes on, /retry tries again, /undo takes the question back.");
    case ChatAnswer::End::length:
      return note("Cut after " + grouped(last->written) +
                  " tokens (max_new_tokens). /more goes on.");
    case ChatAnswer::End::context:
      return say_choices("the answer has reached the end of the model's longest text, " +
                         grouped(conversation_.context()) + " tokens");
  }
}

void ChatRepl::say_choices(const std::string& problem) {
  line(paint(Stream::output, Paint::yellow, "The context is full: ") + problem + ".");
  line("  /forget N   drops the oldest N questions and answers, and the chat goes on");
  line("  /undo       takes the last question and its answer back");
  line("  /clear      begins anew; the system message stays");
  line("  /save FILE  keeps the whole conversation first");
}

}  // namespace typecase::cli
