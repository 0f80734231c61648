#pragma once

#include "options.h"
#include "output.h"

#include <typecase/model.h>

#include <string>
#include <vector>

namespace typecase::cli {

/// How a command talks.
struct TalkFlags {
  bool quiet = false;
  bool verbose = false;

  void add_to(Options& options_table);
};

/// Which model a command works on and how it computes.
struct ModelFlags {
  std::string path{};
  ModelOptions options{};

  void add_to(Options& options_table);
  /// `path`, else TYPECASE_MODEL, else the default model; of a hub name the folder in the cache,
  /// fetched if it is not there. Throws Error(not_found) and what hub::pull throws.
  std::string chosen() const;
  /// What `auto` means where one text is continued.
  void for_one_sequence();
  Model open() const;
  /// … with what it warns of told.
  Model open(const TalkFlags& talk) const;
};

/// What goes to standard error: warnings, each once, and what -v asks for.
class Messages {
 public:
  explicit Messages(const TalkFlags& flags) : flags_(flags) {}

  void warn(const std::string& text);  ///< not with -q
  void progress(
      const std::string& text) const;  ///< one line that the next one replaces; only on a terminal
  void note(const std::string& text) const;  ///< only with -v

 private:
  const TalkFlags& flags_;
  std::vector<std::string> said_{};
};

/// The value of `--option` read as JSON, or Error(invalid_argument) saying what is `allowed`.
Json json_option(const std::string& option, const std::string& allowed, const std::string& text);

/// A text given on the command line, or on standard input when it is no terminal.
struct TextFlags {
  std::string text{};
  bool given = false;
  bool replace_invalid = false;

  /// `name` is the positional's name in the usage line.
  void add_to(Options& options_table, const std::string& name);
  /// The text as valid UTF-8. Throws Error(invalid_argument) with the offset of the first invalid
  /// byte, or when there is neither an argument nor a standard input to read.
  std::string read() const;
};

}  // namespace typecase::cli
