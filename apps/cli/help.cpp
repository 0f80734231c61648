#include "help.h"

#include <algorithm>

namespace typecase::cli {
namespace {

constexpr std::size_t kColumn = 26;  // where the explanations begin

std::string heading(const Option& option) {
  if (option.kind == Option::Kind::positional) return "  " + option.name;
  std::string out = "  ";
  if (option.letter) out += std::string{'-', option.letter, ',', ' '};
  out += option.kind == Option::Kind::yes_or_no ? "--[no-]" : "--";
  out += option.name;
  if (!option.value.empty()) out += " " + option.value;
  return out;
}

void append(std::string& out, const Option& option) {
  std::string line = heading(option);
  if (line.size() + 2 > kColumn) {
    out += line + "\n";
    line.clear();
  }
  line.resize(kColumn, ' ');
  out += line + wrapped(option.help, kColumn) + "\n";
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (column > indent && column + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      column += 1;
    }
    out += word;
    column += word.size();
  }
  return out;
}

std::string options_help(const Options& options, bool all) {
  std::string out;
  bool hidden = false;
  for (const auto& group : options.groups()) {
    std::string rows;
    for (const Option& option : group.options) {
      if (option.rare && !all) {
        hidden = true;
      } else {
        append(rows, option);
      }
    }
    if (rows.empty()) continue;
    if (!group.title.empty()) out += "\n" + group.title + "\n";
    out += rows;
  }
  if (hidden) out += "\n--help-all shows the options for all other generation fields.\n";
  return out;
}

}  // namespace typecase::cli
