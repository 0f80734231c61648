#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace typecase::cli {

/// One option of a command: what the parser, the help text and, later, completions and the man
/// page need to know of it.
struct Option {
  enum class Kind {
    positional,  ///< `name` is what stands in the usage line: PROMPT
    value,       ///< --name VALUE; given twice, the last counts
    values,      ///< --name VALUE, every one counts
    flag,        ///< --name, --name=false
    yes_or_no,   ///< the same and --no-name
  };
  Kind kind;
  std::string name;   ///< without dashes
  std::string value;  ///< what stands for the value: N, FILE
  std::string help;
  std::function<void(const std::string&)> accept;  ///< gets the text; of flags "true" or "false"
  char letter = 0;                                 ///< -m beside --model
  bool rare = false;                               ///< shown by --help-all only
};

/// The options of one command, in the groups and the order help shows them.
class Options {
 public:
  struct Group {
    std::string title;
    std::vector<Option> options;
  };

  Options& group(std::string title);
  Options& add(Option option);

  /// Short forms for the common cases.
  Options& positional(std::string name, std::string help, std::string& to);
  Options& text(std::string name, std::string value, std::string help, std::string& to,
                char letter = 0);
  Options& flag(std::string name, std::string help, bool& to, char letter = 0);
  /// An integer from `least` to `most`.
  Options& integer(std::string name, std::string value, std::string help, int& to, int least,
                   int most, char letter = 0);
  /// One of several words.
  Options& choice(std::string name, std::vector<std::string> words, std::string help,
                  std::string& to);

  const std::vector<Group>& groups() const noexcept { return groups_; }

 private:
  std::vector<Group> groups_{{"", {}}};
};

/// Hands every given value to its option. Throws Error(invalid_argument) in one line that says what
/// is allowed: unknown options (with the nearest known one), missing and wrong values.
void parse(const Options& options, const std::vector<std::string>& arguments);

/// `text` as an integer from `least` to `most`, or Error(invalid_argument) naming `option`.
std::int64_t integer_value(const std::string& option, const std::string& text, std::int64_t least,
                           std::int64_t most);

}  // namespace typecase::cli
