#include "commands.h"
#include "help.h"
#include "terminal.h"

#include <typecase/error.h>
#include <typecase/system.h>

#include <algorithm>
#include <iostream>
#include <new>

namespace typecase::cli {
namespace {

std::string overview() {
  std::string out = "typecase " + version() +
                    ": text generation, token for token as transformers writes it\n\n" +
                    "Usage: typecase COMMAND [options]\n\n";
  for (const Command& command : commands()) {
    std::string line = "  " + std::string(command.name);
    line.resize(14, ' ');
    out += line + wrapped(command.summary, 14) + "\n";
  }
  return out +
         "\nTry:  typecase run \"The rain in Spain falls mainly in the plain\"\n"
         "      typecase COMMAND --help     examples and all options of a command\n"
         "      typecase --version\n";
}

std::string command_help(const Command& command, const Options& options, bool all) {
  return "typecase " + std::string(command.name) + ": " + std::string(command.summary) +
         "\n\nUsage: typecase " + std::string(command.name) + " " + std::string(command.arguments) +
         "\n\n" + std::string(command.examples) + "\n" + options_help(options, all);
}

// Whether `word` stands among the options, that is before "--".
bool asks_for(const std::vector<std::string>& arguments, std::string_view word) {
  const auto end = std::find(arguments.begin(), arguments.end(), "--");
  return std::find(arguments.begin(), end, word) != end;
}

int run_command(const Command& command, const std::vector<std::string>& arguments, Output& out) {
  Options options;
  const Action action = command.declare(options);
  const bool all = asks_for(arguments, "--help-all");
  if (all || asks_for(arguments, "--help") || asks_for(arguments, "-h")) {
    out << command_help(command, options, all);
    return 0;
  }
  parse(options, arguments);
  return action(out);
}

int dispatch(const std::vector<std::string>& arguments, Output& out) {
  const std::string name = arguments.empty() ? "" : arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    out << overview();
    return 0;
  }
  if (name == "--version" || name == "-V") {
    out << "typecase " + version() + "\n";
    return 0;
  }
  const auto all = commands();
  const auto command =
      std::find_if(all.begin(), all.end(), [&name](const Command& c) { return c.name == name; });
  if (command != all.end())
    return run_command(*command, {arguments.begin() + 1, arguments.end()}, out);

  const std::string what = name.empty() ? "a command is needed" : "unknown command " + quote(name);
  throw Error(Code::invalid_argument, what + "; typecase --help lists those there are");
}

int say(int code, const std::string& text) {
  std::cerr << paint(Stream::error, Paint::red, "typecase: ") << text << std::endl;
  return code;
}

// The border: whatever went wrong becomes one line on standard error and an exit code.
int guarded(const std::vector<std::string>& arguments) {
  try {
    Output out = Output::standard();
    const int code = dispatch(arguments, out);
    out.flush();
    return code;
  } catch (const ClosedPipe&) {
    return 0;
  } catch (const Error& error) {
    return say(exit_code(error.code()), error.what());
  } catch (const std::bad_alloc&) {
    return say(7, "not enough memory");
  } catch (const std::exception& error) {
    return say(1, std::string("internal error: ") + error.what() + "; please report this");
  }
}

}  // namespace
}  // namespace typecase::cli

int main(int argc, char** argv) {
  typecase::cli::ignore_closed_pipes();
  return typecase::cli::guarded({argv + std::min(argc, 1), argv + argc});
}
