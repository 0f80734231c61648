#include "commands.h"
#include "shell_words.h"

#include <typecase/error.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <vector>

namespace typecase::cli {
namespace {

/// The words of "auto|float32"; none where it is no choice.
std::vector<std::string> choices(const std::string& text) {
  std::vector<std::string> out;
  if (text.find('|') == std::string::npos) return out;
  std::istringstream all(text);
  for (std::string word; std::getline(all, word, '|');) out.push_back(word);
  return out;
}

/// What may follow an option: words, a file, or something nobody can guess.
std::vector<std::string> words_after(const Option& option) { return choices(option.value); }

bool takes_file(const Option& option) {
  return option.value == "FILE" || option.value == "X" || option.value.ends_with(".jsonl");
}
bool takes_value(const Option& option) {
  return option.kind == Option::Kind::value || option.kind == Option::Kind::values;
}

/// An option as it is typed, both forms of those that have two.
std::vector<std::string> spellings(const Option& option) {
  std::vector<std::string> out{"--" + option.name};
  if (option.kind == Option::Kind::yes_or_no) out.push_back("--no-" + option.name);
  if (option.letter) out.push_back({'-', option.letter});
  return out;
}

std::string joined(const std::vector<std::string>& words, const std::string& by) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : by) + word;
  return out;
}

/// For text between single quotes of a shell.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// A command with the options that can be completed.
struct Entry {
  std::string name;
  std::string summary;
  std::vector<Option> options;
  std::vector<std::string> words;  ///< what its argument may be, where that is a choice of words
};

std::vector<Entry> entries() {
  std::vector<Entry> out;
  for (const Command& command : commands()) {
    Options table;
    command.declare(table);
    Entry entry{std::string(command.name), std::string(command.summary), {}, {}};
    for (const auto& group : table.groups()) {
      for (const Option& option : group.options) {
        if (option.kind != Option::Kind::positional) {
          entry.options.push_back(option);
        } else if (entry.words.empty()) {
          entry.words = choices(option.name);
        }
      }
    }
    out.push_back(std::move(entry));
  }
  return out;
}

std::vector<std::string> all_spellings(const Entry& entry) {
  std::vector<std::string> out{"--help", "--help-all"};
  for (const Option& option : entry.options) {
    for (auto& text : spellings(option)) out.push_back(std::move(text));
  }
  return out;
}

// One case a command: what may follow its options, then the options themselves.
std::string bash() {
  std::string cases;
  std::vector<std::string> names;
  for (const Entry& entry : entries()) {
    names.push_back(entry.name);
    std::string after;
    std::vector<std::string> others, files;
    for (const Option& option : entry.options) {
      if (!takes_value(option)) continue;
      const std::string pattern = joined(spellings(option), "|");
      const auto words = words_after(option);
      if (!words.empty()) {
        after += "        " + pattern + ") words=" + quoted(joined(words, " ")) + " ;;\n";
      } else {
        (takes_file(option) ? files : others).push_back(pattern);
      }
    }
    if (!entry.words.empty()) {
      after += "        " + entry.name + ") words=" + quoted(joined(entry.words, " ")) + " ;;\n";
    }
    if (!files.empty()) after += "        " + joined(files, "|") + ") files=yes ;;\n";
    if (!others.empty()) after += "        " + joined(others, "|") + ") return ;;\n";
    cases += "    " + entry.name + ")\n      options=" + quoted(joined(all_spellings(entry), " ")) +
             "\n      case $before in\n" + after + "      esac ;;\n";
  }
  return "# Completion of typecase for bash:  source <(typecase completions bash)\n"
         "_typecase() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  local options='' words='' files=''\n"
         "  COMPREPLY=()\n"
         "  if ((COMP_CWORD == 1)); then\n"
         "    mapfile -t COMPREPLY < <(compgen -W " +
         quoted(joined(names, " ") + " --help --version") +
         " -- \"$word\")\n"
         "    return\n"
         "  fi\n"
         "  case ${COMP_WORDS[1]} in\n" +
         cases +
         "  esac\n"
         "  if [[ -n $words ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
         "  elif [[ -z $files && $word == -* ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\")\n"
         "  else\n"
         "    compopt -o filenames 2>/dev/null\n"
         "    mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
         "  fi\n"
         "}\n"
         "complete -F _typecase typecase\n";
}

// Brackets and colons mean something in the descriptions of _arguments.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh() {
  std::string names, cases;
  for (const Entry& entry : entries()) {
    names += "    " + quoted(entry.name + ":" + zsh_text(entry.summary)) + "\n";
    cases += "    " + entry.name + ")\n      _arguments -s \\\n";
    for (const Option& option : entry.options) {
      std::string value;
      if (takes_value(option)) {
        const auto words = words_after(option);
        value = ":" + zsh_text(option.value) + ":" +
                (!words.empty()       ? "(" + joined(words, " ") + ")"
                 : takes_file(option) ? "_files"
                                      : " ");
      }
      for (const auto& text : spellings(option)) {
        cases +=
            "        " + quoted("*" + text + "[" + zsh_text(option.help) + "]" + value) + " \\\n";
      }
    }
    const std::string argument =
        entry.words.empty() ? "*:file:_files" : "1:word:(" + joined(entry.words, " ") + ")";
    cases += "        '--help[examples and options]' '--help-all[all options]' " +
             quoted(argument) + " ;;\n";
  }
  return "#compdef typecase\n"
         "# Completion of typecase for zsh:  typecase completions zsh > a folder of "
         "$fpath/_typecase\n"
         "_typecase() {\n"
         "  local -a commands\n"
         "  commands=(\n" +
         names +
         "  )\n"
         "  if ((CURRENT == 2)); then\n"
         "    _describe command commands\n"
         "    return\n"
         "  fi\n"
         "  local command=$words[2]\n"
         "  shift words\n"
         "  ((CURRENT--))\n"
         "  case $command in\n" +
         cases +
         "  esac\n"
         "}\n"
         "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n"
         "  _typecase \"$@\"\n"
         "else\n"
         "  compdef _typecase typecase\n"
         "fi\n";
}

std::string fish() {
  std::string out =
      "# Completion of typecase for fish:  typecase completions fish > "
      "~/.config/fish/completions/typecase.fish\n"
      "complete -c typecase -n __fish_use_subcommand -l help -d 'the commands'\n"
      "complete -c typecase -n __fish_use_subcommand -l version -d 'the version'\n";
  for (const Entry& entry : entries()) {
    out += "complete -c typecase -f -n __fish_use_subcommand -a " + entry.name + " -d " +
           quoted(entry.summary) + "\n";
    const std::string when =
        "complete -c typecase -n '__fish_seen_subcommand_from " + entry.name + "'";
    out += when + " -l help -d 'examples and options'\n" + when + " -l help-all -d 'all options'\n";
    if (!entry.words.empty()) out += when + " -x -a " + quoted(joined(entry.words, " ")) + "\n";
    for (const Option& option : entry.options) {
      std::string value;
      if (takes_value(option)) {
        const auto words = words_after(option);
        value = !words.empty()       ? " -x -a " + quoted(joined(words, " "))
                : takes_file(option) ? " -r -F"
                                     : " -x";
      }
      const std::string letter =
          option.letter ? std::string(" -s ") + option.letter : std::string();
      out += when + letter + " -l " + option.name + value + " -d " + quoted(option.help) + "\n";
      if (option.kind == Option::Kind::yes_or_no) {
        out += when + " -l no-" + option.name + " -d " + quoted("not: " + option.help) + "\n";
      }
    }
  }
  return out;
}

}  // namespace

std::string completion_script(const std::string& shell) {
  if (shell == "bash") return bash();
  if (shell == "zsh") return zsh();
  if (shell == "fish") return fish();
  throw Error(Code::invalid_argument, "expected bash, zsh, fish or man, found " + quote(shell));
}

Action declare_completions(Options& table) {
  const auto shell = std::make_shared<std::string>();
  table.positional("bash|zsh|fish|man", "whose; man: the manual page", *shell);
  return [shell](Output& out) {
    out << (*shell == "man" ? manual_page() : completion_script(*shell));
    return 0;
  };
}

}  // namespace typecase::cli
