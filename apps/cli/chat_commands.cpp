/// The commands of `typecase chat`: lines that begin with a slash.
#include "chat_repl.h"
#include "columns.h"
#include "generation_fields.h"
#include "markdown.h"
#include "terminal.h"
#include "token_view.h"

#include <typecase/error.h>

#include <algorithm>
#include <array>

namespace typecase::cli {
namespace {

constexpr std::size_t kLongestFile = 256 << 20;
constexpr std::size_t kToken = 20;  // columns of a token
constexpr std::size_t kNames = 24;  // columns of a command and its arguments

std::string faint(const std::string& text) { return paint(Stream::output, Paint::faint, text); }

std::string per_second(std::size_t tokens, double seconds) {
  if (seconds <= 0) return "";
  return decimal(static_cast<double>(tokens) / seconds, 1) + " tokens/s";
}

/// "2", "2 5": one or two numbers, at least 1.
std::array<std::size_t, 2> numbers(const std::string& name, const std::string& text,
                                   std::array<std::size_t, 2> otherwise) {
  std::size_t at = 0;
  for (std::size_t& number : otherwise) {
    at = std::min(text.find_first_not_of(' ', at), text.size());
    if (at == text.size()) break;
    const std::size_t end = std::min(text.find(' ', at), text.size());
    number = static_cast<std::size_t>(
        integer_value("/" + name, text.substr(at, end - at), 1, 1'000'000'000));
    at = end;
  }
  return otherwise;
}

/// The end of `text`, from a word's beginning on, in at most `width` columns.
std::string last_words(const std::string& text, std::size_t width) {
  if (width_of(text) <= width) return text;
  std::size_t at = text.size();
  while (at > 0 && width_of(std::string_view(text).substr(at)) < width) {
    do --at;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  }
  const std::size_t space = text.find(' ', at);
  return "…" + text.substr(space == std::string::npos ? at : space);
}

void need_file(const std::string& command, const std::string& path) {
  if (!path.empty()) return;
  throw Error(Code::invalid_argument, "/" + command + " needs the name of a file");
}

}  // namespace

std::span<const ChatRepl::Command> ChatRepl::commands() {
  static constexpr Command kCommands[] = {
      {"system", "[TEXT]", "show or set the system message; \"\" removes it", &ChatRepl::system},
      {"set", "[FIELD VALUE]", "a generation field, like /set temperature 0.3; null resets it",
       &ChatRepl::set},
      {"show", "[prompt|messages]", "the settings; what the model reads; what was said",
       &ChatRepl::show},
      {"save", "FILE", "write messages and settings as JSON", &ChatRepl::save},
      {"load", "FILE", "read such a file, or a list of messages", &ChatRepl::load_file},
      {"undo", "", "take back the last question and its answer", &ChatRepl::undo},
      {"retry", "", "answer the last question anew", &ChatRepl::retry},
      {"more", "", "let a stopped answer go on", &ChatRepl::more},
      {"why", "[K]", "candidates for the last token, or the K-th from the end", &ChatRepl::why},
      {"alt", "N [K]", "put candidate N in its place and go on from there", &ChatRepl::alternative},
      {"tokens", "", "the last answer token by token, and how full the context is",
       &ChatRepl::tokens},
      {"stats", "", "how long the last answer took", &ChatRepl::stats},
      {"forget", "[N]", "drop the oldest N (1) questions with their answers", &ChatRepl::forget},
      {"clear", "", "begin anew; the system message stays", &ChatRepl::clear},
      {"help", "", "this list", &ChatRepl::help},
      {"bye", "", "end the chat (also Ctrl-D)", &ChatRepl::bye},
  };
  return kCommands;
}

void ChatRepl::system(const std::string& rest) {
  if (rest.empty()) {
    const std::string text = conversation_.system();
    return text.empty() ? note("There is no system message.") : line(harmless(text));
  }
  conversation_.set_system(rest == "\"\"" ? "" : rest);
  note(rest == "\"\"" ? "The system message is removed." : "The system message is set.");
}

void ChatRepl::set_field(const std::string& name, const std::string& text) {
  if (name == "seed") {
    generation_.seed = integer_value("seed", text, 0, 0x7FFFFFFFFFFFFFFF);
    generation_.sow();
    return;
  }
  if (name == "system") return conversation_.set_system(text);
  if (text == "null") return generation_.keywords.erase(name);
  const auto known = field_options();
  const bool has_option =
      std::any_of(known.begin(), known.end(), [&](const FieldOption& f) { return f.name == name; });
  if (!has_option && !GenerationConfig::knows(name)) {
    throw Error(Code::invalid_argument, "there is no generation field " + quote(name));
  }
  generation_.keywords.set(name,
                           has_option ? field_value(name, text) : json_option(name, "JSON", text));
}

void ChatRepl::set(const std::string& rest) {
  if (rest.empty()) return show("");
  const std::size_t end = std::min(rest.find_first_of(" ="), rest.size());
  std::string name = rest.substr(0, end);
  std::replace(name.begin(), name.end(), '-', '_');
  const std::size_t begin = std::min(rest.find_first_not_of(" =", end), rest.size());
  const std::string value = rest.substr(begin);
  if (value.empty()) {
    throw Error(Code::invalid_argument, "/set " + name + " needs a value, or null to reset it");
  }
  const GenerationConfig before = generation_.keywords;
  try {
    set_field(name, value);
  } catch (const Error& error) {
    generation_.keywords = before;
    // Said of an option: "--top-k: expected …".
    const std::string& why = error.message();
    const bool of_option = why.starts_with("--") && why.find(':') != std::string::npos;
    throw Error(error.code(), of_option ? name + why.substr(why.find(':')) : why);
  }
  note(name + (value == "null" ? " is reset." : " is " + harmless(value) + "."));
}

void ChatRepl::show(const std::string& rest) {
  if (rest == "prompt") {
    if (conversation_.messages().size() == 0) return note("Nothing was said yet.");
    return line(harmless(conversation_.rendered(true).text));
  }
  if (rest == "messages") return line(harmless(conversation_.messages().pretty()));
  const Model& model = conversation_.model();
  line("model     " + harmless(model.path()));
  line("backend   " + model.backend() + ", " + std::string(model.dtype()));
  const std::string system = conversation_.system();
  line("system    " + (system.empty() ? faint("none") : harmless(one_line(system))));
  line("messages  " + grouped(conversation_.messages().size()));
  const auto& fields = generation_.keywords.fields();
  const char* how = conversation_.samples() ? "drawn at random" : "the most probable ones";
  line("settings  " +
       faint(std::string(fields.empty() ? "those of the model; " : "") + "tokens are " + how));
  for (const auto& [name, value] : fields) line("          " + name + " " + harmless(value.dump()));
}

void ChatRepl::save(const std::string& rest) {
  need_file("save", rest);
  const Json all = Json::Object{{"model", Json(conversation_.model().path())},
                                {"settings", generation_.keywords.to_json()},
                                {"messages", conversation_.messages()}};
  Output file = Output::to_file(rest);
  file << all.pretty() << "\n";
  file.flush();
  note(grouped(conversation_.messages().size()) + " messages are in " + harmless(rest) + ".");
}

void ChatRepl::load(const std::string& path) {
  Json all;
  try {
    all = Json::parse(read_all(path, kLongestFile), {.depth = 64, .duplicate_keys = true});
  } catch (const Error& error) {
    throw error.at(Place{.file = path});
  }
  const bool whole = all.is_object() && all.has("messages");
  conversation_.set_messages(whole ? all.at("messages") : all);
  const Json* settings = all.find("settings");
  if (settings != nullptr) generation_.keywords = GenerationConfig::from_json(*settings);
}

void ChatRepl::load_file(const std::string& rest) {
  need_file("load", rest);
  load(rest);
  note(grouped(conversation_.messages().size()) + " messages read.");
}

void ChatRepl::undo(const std::string&) {
  if (!conversation_.undo()) return note("There is nothing to take back.");
  const auto& all = conversation_.messages().as_array();
  note("Taken back; " + grouped(all.size()) + (all.size() == 1 ? " message is" : " messages are") +
       " left.");
}

void ChatRepl::retry(const std::string&) {
  if (!conversation_.samples())
    note("Nothing is drawn at random here: it will be the same answer.");
  show_answer([&](const ChatListener& listener) { conversation_.retry(listener); });
}

void ChatRepl::more(const std::string&) {
  show_answer([&](const ChatListener& listener) { conversation_.more(listener); }, "…");
}

std::string ChatRepl::token_text(TokenId id) const {
  return visible(conversation_.model().tokenizer().decode(Tokens{id}));
}

void ChatRepl::why(const std::string& rest) {
  const std::size_t back = numbers("why", rest, {1, 0})[0];
  const auto candidates = conversation_.candidates(back);
  const Tokens& ids = conversation_.last()->ids;
  const TokenId chosen = ids[ids.size() - back];
  const Tokens before(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(back));
  const std::string text = one_line(conversation_.model().tokenizer().decode(before));
  note("after " + last_words(text, 60) + " ⏵");
  note("     " + fit("token", kToken) + fit_right("model", 9) + fit_right("choice", 9));
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& c = candidates[i];
    const bool is_chosen = c.id == chosen;
    std::string row = fit_right(std::to_string(i + 1), 3) + "  " + fit(token_text(c.id), kToken) +
                      fit_right(percent(c.model), 9) +
                      fit_right(c.after > 0 ? percent(c.after) : "cut", 9) + "  ";
    row += is_chosen ? bar(c.model, 20) + " chosen" : bar(c.model, 20);
    row.erase(row.find_last_not_of(' ') + 1);
    line(is_chosen ? paint(Stream::output, Paint::green, row) : c.after == 0 ? faint(row) : row);
  }
  note("/alt N" + (back == 1 ? std::string() : " " + std::to_string(back)) +
       " takes another one and goes on from there.");
}

void ChatRepl::alternative(const std::string& rest) {
  if (rest.empty())
    throw Error(Code::invalid_argument, "/alt needs the number of a candidate: /why lists them");
  const auto [rank, back] = numbers("alt", rest, {2, 1});
  const auto candidates = conversation_.candidates(back);
  if (rank > candidates.size()) {
    throw Error(Code::invalid_argument,
                "/alt: there are " + std::to_string(candidates.size()) + " candidates");
  }
  const TokenId token = candidates[rank - 1].id;
  const Tokens& ids = conversation_.last()->ids;
  note(token_text(token) + " in place of " + token_text(ids[ids.size() - back]) + ":");
  show_answer(
      [&, at = back](const ChatListener& listener) { conversation_.take(token, at, listener); });
}

void ChatRepl::tokens(const std::string&) {
  const auto& last = conversation_.last();
  if (last) {
    const Tokenizer& tokenizer = conversation_.model().tokenizer();
    out_ << token_cells(tokenizer, last->ids, static_cast<std::size_t>(terminal_columns()));
  }
  const std::size_t used = conversation_.tokens();
  const std::size_t most = conversation_.context();
  std::string text = grouped(used) + " tokens";
  if (most > 0) {
    text += " of " + grouped(most) + " (" +
            percent(static_cast<double>(used) / static_cast<double>(most)) + ")";
  }
  if (last) {
    text += "; the last answer has " + grouped(last->ids.size()) + ", what it answers " +
            grouped(last->prompt.size());
  }
  line(text);
}

void ChatRepl::stats(const std::string&) {
  const auto& last = conversation_.last();
  if (!last) return note("Nothing was answered yet.");
  const auto seconds = [](double value) { return decimal(value, 2) + " s"; };
  line("read    " + grouped(last->read) + (last->read == 1 ? " token in " : " tokens in ") +
       seconds(last->read_seconds) + "  " + faint(per_second(last->read, last->read_seconds)) +
       "; " + grouped(last->kept) + " were kept from before");
  // The first new token belongs to the reading.
  const std::size_t steps = last->written > 0 ? last->written - 1 : 0;
  line("wrote   " + grouped(last->written) + " tokens in " + seconds(last->write_seconds) + "  " +
       faint(per_second(steps, last->write_seconds)));
}

void ChatRepl::clear(const std::string&) {
  conversation_.clear();
  note("A new conversation.");
}

void ChatRepl::forget(const std::string& rest) {
  const std::size_t turns = conversation_.forget(numbers("forget", rest, {1, 0})[0]);
  note(turns == 0 ? "There is nothing to forget."
                  : grouped(turns) + (turns == 1 ? " turn is" : " turns are") + " forgotten; " +
                        grouped(conversation_.tokens()) + " tokens are left.");
}

void ChatRepl::help(const std::string&) {
  for (const Command& command : commands()) {
    const std::string name = "/" + std::string(command.name) + " " + std::string(command.arguments);
    line("  " + fit(name, kNames) + std::string(command.help));
  }
  line("");
  line(
      "Enter sends. A line that ends in \\ goes on, Alt-Enter breaks it, \"\"\" opens and closes "
      "a");
  line("text of several lines; what is pasted stays one message.");
}

void ChatRepl::bye(const std::string&) { ended_ = true; }

}  // namespace typecase::cli
