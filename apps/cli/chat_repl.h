#pragma once

#include "conversation.h"
#include "line_editor.h"
#include "output.h"
#include "shared_options.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace typecase::cli {

/// `typecase chat` on a terminal: reads lines, runs the commands among them, shows answers as they
/// are written.
class ChatRepl {
 public:
  ChatRepl(Conversation& conversation, GenerationFlags& generation, Messages& messages, Output& out,
           std::string history);
  /// Until Ctrl-D or /bye.
  void run();
  /// Takes over messages and settings of a file that /save wrote, or a list of messages.
  void load(const std::string& path);

 private:
  struct Command {
    std::string_view name;
    std::string_view arguments;
    std::string_view help;
    void (ChatRepl::*run)(const std::string& rest);
  };
  static std::span<const Command> commands();
  std::vector<std::string> completions(const std::string& text) const;

  // What is typed.
  bool read(std::string& text);
  bool read_block(std::string& text);  ///< up to the closing """
  void obey(const std::string& line);

  // What is shown: chat_repl.cpp.
  using Say = void (Conversation::*)(const ChatListener&);
  void show_answer(const std::function<void(const ChatListener&)>& write,
                   std::string_view before = {});
  void say_how_it_ended();
  void say_choices(const std::string& problem);
  void note(const std::string& text);  ///< faint, one line
  void line(const std::string& text);

  // The commands: chat_commands.cpp.
  void system(const std::string& rest);
  void set(const std::string& rest);
  void show(const std::string& rest);
  void save(const std::string& rest);
  void load_file(const std::string& rest);
  void undo(const std::string& rest);
  void retry(const std::string& rest);
  void more(const std::string& rest);
  void why(const std::string& rest);
  void alternative(const std::string& rest);
  void tokens(const std::string& rest);
  void stats(const std::string& rest);
  void clear(const std::string& rest);
  void forget(const std::string& rest);
  void help(const std::string& rest);
  void bye(const std::string& rest);

  void set_field(const std::string& name, const std::string& text);
  std::string token_text(TokenId id) const;

  Conversation& conversation_;
  GenerationFlags& generation_;
  Messages& messages_;
  Output& out_;
  LineEditor editor_;
  bool ended_ = false;
};

}  // namespace typecase::cli
