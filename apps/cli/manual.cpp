#include "commands.h"
#include "shell_words.h"

#include <typecase/system.h>

#include <sstream>

namespace typecase::cli {
namespace {

/// Text for troff: a backslash, a dash and a line that begins with a point mean something there.
std::string troff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      if ((out.empty() || out.back() == '\n') && (c == '.' || c == '\'')) out += "\\&";
      out += c;
    }
  }
  return out;
}

std::string heading(const Option& option) {
  std::string out = ".TP\n";
  if (option.letter) out += "\\fB\\-" + std::string(1, option.letter) + "\\fR, ";
  out += option.kind == Option::Kind::yes_or_no ? "\\fB\\-\\-[no\\-]" : "\\fB\\-\\-";
  out += troff(option.name) + "\\fR";
  if (!option.value.empty()) out += " \\fI" + troff(option.value) + "\\fR";
  return out + "\n";
}

std::string options_of(const Command& command) {
  Options table;
  command.declare(table);
  std::string out;
  for (const auto& group : table.groups()) {
    if (!group.title.empty() && !group.options.empty()) out += ".PP\n" + troff(group.title) + ":\n";
    for (const Option& option : group.options) {
      if (option.kind == Option::Kind::positional) {
        out += ".TP\n\\fI" + troff(option.name) + "\\fR\n" + troff(option.help) + "\n";
      } else {
        out += heading(option) + troff(option.help) + "\n";
      }
    }
  }
  return out;
}

std::string section(const Command& command) {
  return ".SS typecase " + std::string(command.name) + " " + troff(command.arguments) + "\n" +
         troff(command.summary) + ".\n.PP\n.nf\n" + troff(command.examples) + ".fi\n" +
         options_of(command);
}

constexpr std::string_view kEnd = R"(.SH ENVIRONMENT
.TP
TYPECASE_MODEL
the model when none is named
.TP
TYPECASE_CACHE
where models are kept; else XDG_CACHE_HOME/typecase, else ~/.cache/typecase
.TP
TYPECASE_ISA
the instruction set when none is named
.TP
NO_COLOR
no colours
.SH EXIT STATUS
0 ok; 1 failed; 2 usage; 3 model or file not found; 4 access denied; 5 network failure; 6 unsupported
or malformed model or format, or a size limit; 7 out of memory, disk full or an I/O failure;
8 verification mismatch; 130 interrupted.
)";

}  // namespace

std::string manual_page() {
  std::string out = ".TH TYPECASE 1 \"\" \"typecase " + version() +
                    "\"\n.SH NAME\ntypecase \\- text generation, token for token as transformers "
                    "writes it\n.SH SYNOPSIS\n.B typecase\n.I COMMAND\n[\\fIoptions\\fR]\n.SH "
                    "COMMANDS\n";
  for (const Command& command : commands()) out += section(command);
  return out + std::string(kEnd);
}

}  // namespace typecase::cli
