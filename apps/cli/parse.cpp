#include "options.h"

#include <typecase/error.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <numeric>
#include <utility>

namespace typecase::cli {
namespace {

// Edit distance of Levenshtein 1966: how many letters must be added, dropped or replaced.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row.back();
}

[[noreturn]] void refuse_unknown(const Options& options, const std::string& argument) {
  if (argument.size() < 2 || argument[0] != '-') {
    throw Error(Code::invalid_argument, "unexpected argument " + quote(argument) +
                                            "; put quotes around a text of several words");
  }
  const std::string name = argument.substr(0, argument.find('='));
  std::pair<std::size_t, std::string> nearest{4, ""};
  for (const auto& group : options.groups()) {
    for (const Option& option : group.options) {
      if (option.kind == Option::Kind::positional) continue;
      nearest = std::min(nearest, {distance(name, "--" + option.name), "--" + option.name});
    }
  }
  std::string remedy = "a text that begins with a dash goes behind --";
  if (!nearest.second.empty()) remedy = "did you mean " + nearest.second + "?";
  throw Error(Code::invalid_argument, "unknown option " + quote(name) + "; " + remedy);
}

CLI::Option* declare(CLI::App& app, const Option& option) {
  const std::string letter = option.letter ? std::string{'-', option.letter, ','} : std::string();
  const std::string name = letter + "--" + option.name;
  switch (option.kind) {
    case Option::Kind::positional:
      return app.add_option(option.name)->take_last();
    case Option::Kind::value:
      return app.add_option(name)->take_last();
    case Option::Kind::values:
      return app.add_option(name)->take_all()->allow_extra_args(false);
    case Option::Kind::flag:
      return app.add_flag(name)->take_last();
    case Option::Kind::yes_or_no:
      return app.add_flag(name + ",!--no-" + option.name)->take_last();
  }
  return nullptr;
}

void hand_over(const Option& option, const std::vector<std::string>& values) {
  const bool flag = option.kind == Option::Kind::flag || option.kind == Option::Kind::yes_or_no;
  for (const std::string& value : values) {
    if (flag && value != "true" && value != "false") {
      throw Error(Code::invalid_argument,
                  "--" + option.name + ": expected true or false, found " + quote(value));
    }
    option.accept(value);
  }
}

}  // namespace

void parse(const Options& options, const std::vector<std::string>& arguments) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<std::pair<const Option*, CLI::Option*>> declared;
  for (const auto& group : options.groups()) {
    for (const Option& option : group.options) {
      declared.emplace_back(&option, declare(app, option));
    }
  }
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string message = error.what();
    throw Error(Code::invalid_argument, message.substr(0, message.find(':')) + ": needs a value");
  } catch (const CLI::ParseError& error) {
    throw Error(Code::invalid_argument, error.what());
  }
  for (const std::string& unknown : app.remaining()) {
    if (unknown != "--") refuse_unknown(options, unknown);  // CLI11 keeps the mark itself
  }
  for (const auto& [option, given] : declared) hand_over(*option, given->results());
}

}  // namespace typecase::cli
