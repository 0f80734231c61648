#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace typecase::cli {

/// Lines that a person types, with editing, history and paste where the terminal can do that
/// (libedit); as they come where it cannot.
///
/// Alt-Enter puts a line end into the text, and so does one that is pasted; Enter hands it over.
/// The history is kept in a file that only its owner can read. At most one at a time.
class LineEditor {
 public:
  struct Line {
    enum class Kind { text, interrupted, end } kind = Kind::end;
    std::string text{};  ///< valid UTF-8, without the last line end
  };
  /// What may stand in place of the word at the end of `text`, whole texts.
  using Complete = std::function<std::vector<std::string>(const std::string& text)>;

  /// `history`: a file that is made when there is something to keep; "": none is kept.
  LineEditor(std::string history, Complete complete);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  /// Waits for one line. Ctrl-C gives `interrupted`, Ctrl-D on an empty line `end`.
  /// REQUIRES: CatchInterrupt(is_noted) lives.
  Line read(const std::string& prompt);
  void remember(const std::string& text);  ///< adds to the history

  static bool available() noexcept;  ///< whether this build has line editing

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace typecase::cli
