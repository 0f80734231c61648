#include "terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace typecase::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

int signal_pipe[2] = {-1, -1};

void note_interrupt(int) { interrupted = 1; }

// A signal may arrive in any thread; the pipe wakes the one that waits for a line.
void tell(int signal) {
  const int error = errno;
  if (signal == SIGINT) interrupted = 1;
  const char number = static_cast<char>(signal);
  [[maybe_unused]] const ssize_t ignored = ::write(signal_pipe[1], &number, 1);
  errno = error;
}

void on_signal(int signal, void (*handler)(int), int flags) {
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

int file_of(Stream stream) { return stream == Stream::output ? STDOUT_FILENO : STDERR_FILENO; }

std::string_view escape_of(Paint paint) {
  switch (paint) {
    case Paint::yellow:
      return "\033[33m";
    case Paint::red:
      return "\033[31m";
    case Paint::green:
      return "\033[32m";
    case Paint::cyan:
      return "\033[36m";
    case Paint::faint:
      return "\033[2m";
    case Paint::bold:
      return "\033[1m";
    case Paint::struck:
      return "\033[2;9m";  // faint, crossed out
  }
  return "";
}

}  // namespace

bool is_terminal(Stream stream) { return ::isatty(file_of(stream)) == 1; }

bool coloured(Stream stream) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool wanted = no_color == nullptr || *no_color == '\0';
  return wanted && term != nullptr && std::string_view(term) != "dumb" && is_terminal(stream);
}

int terminal_columns() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string paint(Stream stream, Paint paint, std::string_view text) {
  if (!coloured(stream)) return std::string(text);
  return std::string(escape_of(paint)) + std::string(text) + "\033[0m";
}

CatchInterrupt::CatchInterrupt(Second second) {
  interrupted = 0;
  if (second == Second::is_noted) {
    if (::pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return;
    for (const int signal : {SIGINT, SIGWINCH, SIGCONT}) on_signal(signal, tell, SA_RESTART);
    return;
  }
  // SA_RESETHAND: the second signal meets the default action. SA_RESTART: writes go on.
  const int flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  on_signal(SIGINT, note_interrupt, flags);
  on_signal(SIGTERM, note_interrupt, flags);
}

CatchInterrupt::~CatchInterrupt() {
  on_signal(SIGINT, SIG_DFL, 0);
  on_signal(SIGTERM, SIG_DFL, 0);
  if (signal_pipe[0] < 0) return;
  for (const int signal : {SIGWINCH, SIGCONT}) on_signal(signal, SIG_DFL, 0);
  for (int& file : signal_pipe) {
    ::close(file);
    file = -1;
  }
}

void CatchInterrupt::forget() noexcept { interrupted = 0; }

int CatchInterrupt::signals() noexcept { return signal_pipe[0]; }

bool CatchInterrupt::happened() noexcept { return interrupted != 0; }

struct HideTyping::State {
  termios before;
};

HideTyping::HideTyping() {
  termios now{};
  if (::tcgetattr(STDIN_FILENO, &now) != 0) return;  // no terminal
  state_ = std::make_unique<State>(State{now});
  // Not by lines either: there Ctrl-D would be the end of a file and not reach the next line.
  now.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOCTL | ICANON);
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &now);
}

HideTyping::~HideTyping() {
  if (state_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &state_->before);
}

void ignore_closed_pipes() { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace typecase::cli
