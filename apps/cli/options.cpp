#include "options.h"

#include <typecase/error.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace typecase::cli {

Options& Options::group(std::string title) {
  groups_.push_back({std::move(title), {}});
  return *this;
}

Options& Options::add(Option option) {
  groups_.back().options.push_back(std::move(option));
  return *this;
}

Options& Options::positional(std::string name, std::string help, std::string& to) {
  return add({.kind = Option::Kind::positional,
              .name = std::move(name),
              .value = {},
              .help = std::move(help),
              .accept = [&to](const std::string& text) { to = text; }});
}

Options& Options::text(std::string name, std::string value, std::string help, std::string& to,
                       char letter) {
  return add({.kind = Option::Kind::value,
              .name = std::move(name),
              .value = std::move(value),
              .help = std::move(help),
              .accept = [&to](const std::string& text) { to = text; },
              .letter = letter});
}

Options& Options::flag(std::string name, std::string help, bool& to, char letter) {
  return add({.kind = Option::Kind::flag,
              .name = std::move(name),
              .value = {},
              .help = std::move(help),
              .accept = [&to](const std::string& text) { to = text == "true"; },
              .letter = letter});
}

Options& Options::integer(std::string name, std::string value, std::string help, int& to, int least,
                          int most, char letter) {
  const auto accept = [&to, name, least, most](const std::string& text) {
    to = static_cast<int>(integer_value("--" + name, text, least, most));
  };
  return add({.kind = Option::Kind::value,
              .name = std::move(name),
              .value = std::move(value),
              .help = std::move(help),
              .accept = accept,
              .letter = letter});
}

Options& Options::choice(std::string name, std::vector<std::string> words, std::string help,
                         std::string& to) {
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : "|") + word;
  const auto accept = [&to, name, words, all](const std::string& text) {
    if (std::find(words.begin(), words.end(), text) == words.end()) {
      throw Error(Code::invalid_argument,
                  "--" + name + ": expected " + all + ", found " + quote(text));
    }
    to = text;
  };
  return add({.kind = Option::Kind::value,
              .name = std::move(name),
              .value = all,
              .help = std::move(help),
              .accept = accept});
}

std::int64_t integer_value(const std::string& option, const std::string& text, std::int64_t least,
                           std::int64_t most) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end || value < least || value > most) {
    const bool bounded = most != std::numeric_limits<std::int64_t>::max();
    const std::string range = " from " + std::to_string(least) + " to " + std::to_string(most);
    throw Error(Code::invalid_argument, option + ": expected an integer" + (bounded ? range : "") +
                                            ", found " + quote(text));
  }
  return value;
}

}  // namespace typecase::cli
