#include "line_editor.h"

#include "terminal.h"

#include <typecase/utf8.h>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cwchar>
#include <filesystem>

#ifdef TYPECASE_LINE_EDITING
#include <histedit.h>
#endif

namespace typecase::cli {
namespace {

enum class Event { byte, end, interrupt, new_size, resumed };

/// Waits for a byte on standard input or for a signal.
Event next_event(char& byte) {
  for (;;) {
    pollfd files[] = {{STDIN_FILENO, POLLIN, 0}, {CatchInterrupt::signals(), POLLIN, 0}};
    if (::poll(files, 2, -1) < 0 && errno != EINTR) return Event::end;
    char signal = 0;
    if (::read(CatchInterrupt::signals(), &signal, 1) == 1) {
      if (signal == SIGINT) return Event::interrupt;
      return signal == SIGWINCH ? Event::new_size : Event::resumed;
    }
    if (files[0].revents == 0) continue;
    const ssize_t got = ::read(STDIN_FILENO, &byte, 1);
    if (got == 1) return Event::byte;
    if (got == 0 || errno != EINTR) return Event::end;
  }
}

/// Signals that came while nobody waited for a line mean nothing to the next one.
void forget_signals() {
  CatchInterrupt::forget();
  for (char signal = 0; ::read(CatchInterrupt::signals(), &signal, 1) == 1;) continue;
}

}  // namespace

#ifdef TYPECASE_LINE_EDITING

namespace {

constexpr int kRemembered = 1000;
constexpr std::size_t kLongestPaste = 1 << 20;  // characters

// libedit hands neither of these back to its callbacks in every version.
std::string prompt_text;
LineEditor::Complete* completions = nullptr;

// \1 … \1 takes no room on the line.
char* prompt_of(EditLine*) { return prompt_text.data(); }

std::string with_marked_escapes(const std::string& prompt) {
  std::string out;
  for (std::size_t i = 0; i < prompt.size(); ++i) {
    if (prompt[i] != '\033') {
      out += prompt[i];
      continue;
    }
    const std::size_t end = std::min(prompt.find('m', i), prompt.size() - 1);
    out += '\1' + prompt.substr(i, end - i + 1) + '\1';
    i = end;
  }
  return out;
}

/// What libedit reads: one character, or −1 when Ctrl-C came.
int next_character(EditLine* editor, wchar_t* to) {
  char bytes[8];
  std::size_t size = 0;
  while (size < 4) {
    switch (next_event(bytes[size])) {
      case Event::byte:
        break;
      case Event::end:
        return 0;
      case Event::interrupt:
        return -1;
      case Event::resumed:
        el_set(editor, EL_PREP_TERM, 1);
        el_set(editor, EL_REFRESH);
        continue;
      case Event::new_size:
        // The terminal has moved what was drawn: begin the line anew.
        std::fputs("\r\033[J", stdout);
        el_resize(editor);
        el_set(editor, EL_REFRESH);
        continue;
    }
    ++size;
    std::mbstate_t state{};
    wchar_t c = 0;
    const std::size_t used = std::mbrtowc(&c, bytes, size, &state);
    if (used == static_cast<std::size_t>(-2)) continue;  // the character goes on
    *to = used == static_cast<std::size_t>(-1) ? L'\uFFFD' : c;
    return 1;
  }
  *to = L'\uFFFD';
  return 1;
}

unsigned char line_end(EditLine* editor, wint_t) {
  return el_winsertstr(editor, L"\n") == 0 ? CC_REFRESH : CC_ERROR;
}

/// Everything up to the terminal's mark for the end of what was pasted, as one insertion.
unsigned char paste(EditLine* editor, wint_t) {
  const std::wstring mark = L"\033[201~";
  std::wstring text;
  for (wchar_t c = 0; text.size() < kLongestPaste && el_wgetc(editor, &c) == 1;) {
    text += c == L'\r' ? L'\n' : c;
    if (text.ends_with(mark)) break;
  }
  if (text.ends_with(mark)) text.resize(text.size() - mark.size());
  // What is pasted may hold anything; only text goes into the line.
  std::erase_if(text, [](wchar_t c) { return (c < 32 && c != L'\n' && c != L'\t') || c == 127; });
  return text.empty() || el_winsertstr(editor, text.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
}

std::string common_beginning(const std::vector<std::string>& texts) {
  std::string out = texts.front();
  for (const std::string& text : texts) {
    std::size_t same = 0;
    while (same < std::min(out.size(), text.size()) && out[same] == text[same]) ++same;
    out.resize(same);
  }
  return out;
}

unsigned char complete(EditLine* editor, int) {
  const LineInfo* line = el_line(editor);
  const std::string before(line->buffer, line->cursor);
  if (line->cursor != line->lastchar) return CC_ERROR;
  const auto found = (*completions)(before);
  if (found.empty()) return CC_ERROR;
  const std::string most = found.size() == 1 ? found.front() + " " : common_beginning(found);
  if (most.size() > before.size()) {
    el_insertstr(editor, most.substr(before.size()).c_str());
    return CC_REFRESH;
  }
  std::fputc('\n', stdout);
  for (const std::string& text : found) std::fprintf(stdout, "%s  ", text.c_str());
  std::fputc('\n', stdout);
  return CC_REDISPLAY;
}

}  // namespace

bool LineEditor::available() noexcept { return true; }

struct LineEditor::Parts {
  HideTyping hidden{};  // goes last, and leaves the terminal as it was
  std::string file;
  Complete complete;
  History* history = history_init();
  EditLine* editor = nullptr;
  HistEvent event{};

  ~Parts() {
    if (editor != nullptr) el_end(editor);
    history_end(history);
  }
};

LineEditor::LineEditor(std::string history, Complete of_commands)
    : parts_(std::make_unique<Parts>()) {
  // Wide characters need a locale that has them, whatever LANG says.
  if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) std::setlocale(LC_CTYPE, "");
  Parts& p = *parts_;
  p.file = std::move(history);
  p.complete = std::move(of_commands);
  completions = &p.complete;
  ::history(p.history, &p.event, H_SETSIZE, kRemembered);
  ::history(p.history, &p.event, H_SETUNIQUE, 1);
  if (!p.file.empty()) ::history(p.history, &p.event, H_LOAD, p.file.c_str());

  p.editor = el_init("typecase", stdin, stdout, stderr);
  el_set(p.editor, EL_PROMPT_ESC, prompt_of, '\1');
  el_set(p.editor, EL_HIST, ::history, p.history);
  el_set(p.editor, EL_EDITOR, "emacs");
  el_wset(p.editor, EL_GETCFN, next_character);
  el_wset(p.editor, EL_ADDFN, L"typecase-paste", L"Insert what is pasted", paste);
  el_wset(p.editor, EL_ADDFN, L"typecase-line-end", L"Insert a line end", line_end);
  el_wset(p.editor, EL_ADDFN, L"typecase-complete", L"Complete a command", complete);
  const std::pair<const char*, const char*> keys[] = {
      {"\033[200~", "typecase-paste"}, {"\033^M", "typecase-line-end"},
      {"\033^J", "typecase-line-end"}, {"^I", "typecase-complete"},
      {"^R", "em-inc-search-prev"},    {"\033[1;5C", "em-next-word"},
      {"\033[1;5D", "ed-prev-word"},   {"\033[3~", "ed-delete-next-char"},
      {"^W", "ed-delete-prev-word"}};
  for (const auto& [key, function] : keys) el_set(p.editor, EL_BIND, key, function, nullptr);
  // Between two lines nothing that is typed is shown, and Ctrl-D is a character like any other; the
  // next line begins with it.
  el_set(p.editor, EL_SETTY, "-x", "-echo", "-icanon", nullptr);
  el_source(p.editor, nullptr);  // ~/.editrc: a person's own keys
}

LineEditor::~LineEditor() { completions = nullptr; }

LineEditor::Line LineEditor::read(const std::string& prompt) {
  Parts& p = *parts_;
  prompt_text = with_marked_escapes(prompt);
  std::fputs("\033[?2004h", stdout);  // mark what is pasted
  std::fflush(stdout);
  el_resize(p.editor);
  forget_signals();
  int count = 0;
  const char* line = el_gets(p.editor, &count);
  std::fputs("\033[?2004l", stdout);
  if (line != nullptr && count > 0 && !CatchInterrupt::happened()) {
    std::fflush(stdout);
    std::string text(line, static_cast<std::size_t>(count));
    if (text.ends_with('\n')) text.pop_back();
    return {Line::Kind::text, replace_invalid_utf8(text)};
  }
  std::fputc('\n', stdout);
  std::fflush(stdout);
  el_reset(p.editor);
  return {CatchInterrupt::happened() ? Line::Kind::interrupted : Line::Kind::end, {}};
}

void LineEditor::remember(const std::string& text) {
  Parts& p = *parts_;
  ::history(p.history, &p.event, H_ENTER, text.c_str());
  if (p.file.empty()) return;
  std::error_code ignored;  // a history that cannot be kept is no reason to stop
  std::filesystem::create_directories(std::filesystem::path(p.file).parent_path(), ignored);
  const mode_t before = ::umask(077);
  ::history(p.history, &p.event, H_SAVE, p.file.c_str());
  ::umask(before);
}

#else

bool LineEditor::available() noexcept { return false; }

struct LineEditor::Parts {};

LineEditor::LineEditor(std::string, Complete) {}
LineEditor::~LineEditor() = default;

LineEditor::Line LineEditor::read(const std::string& prompt) {
  std::fputs(prompt.c_str(), stdout);
  std::fflush(stdout);
  forget_signals();
  std::string text;
  for (char c = 0;;) {
    const Event event = next_event(c);
    if (event == Event::new_size || event == Event::resumed) continue;
    if (event == Event::byte && c != '\n') {
      text += c;
      continue;
    }
    const bool whole = event == Event::byte || (event == Event::end && !text.empty());
    if (whole) return {Line::Kind::text, replace_invalid_utf8(text)};
    std::fputc('\n', stdout);
    return {event == Event::interrupt ? Line::Kind::interrupted : Line::Kind::end, {}};
  }
}

void LineEditor::remember(const std::string&) {}

#endif

}  // namespace typecase::cli
