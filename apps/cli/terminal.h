#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace typecase::cli {

enum class Stream { output, error };
enum class Paint { yellow, red, green, cyan, faint, bold, struck };

bool is_terminal(Stream stream);

/// Columns of the terminal, 80 where there is none.
int terminal_columns();

/// Whether the stream is a terminal that shows colours, and NO_COLOR is not set.
bool coloured(Stream stream);

/// `text` in colour when the stream is a terminal and NO_COLOR is not set; else `text`.
std::string paint(Stream stream, Paint paint, std::string_view text);

/// While it lives, the first Ctrl-C (or SIGTERM) is only noted, so that a stream can end in good
/// order; the second ends the program at once. At most one at a time.
class CatchInterrupt {
 public:
  enum class Second {
    ends_the_program,
    is_noted,  ///< for programs that go on after Ctrl-C; SIGTERM ends them as ever
  };
  explicit CatchInterrupt(Second second = Second::ends_the_program);
  ~CatchInterrupt();
  static void forget() noexcept;  ///< what happened so far
  /// With `is_noted`: a file that becomes readable with each SIGINT, SIGWINCH and SIGCONT, one byte
  /// that is its number; −1 without.
  static int signals() noexcept;
  CatchInterrupt(const CatchInterrupt&) = delete;
  CatchInterrupt& operator=(const CatchInterrupt&) = delete;

  static bool happened() noexcept;
};

/// While it lives, the terminal does not show what is typed. What is typed is not lost: the next
/// line that is read begins with it.
class HideTyping {
 public:
  HideTyping();
  ~HideTyping();
  HideTyping(const HideTyping&) = delete;
  HideTyping& operator=(const HideTyping&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A closed pipe shows as a failed write instead of a signal.
void ignore_closed_pipes();

}  // namespace typecase::cli
