#include "bars.h"
#include "commands.h"
#include "generation_flags.h"
#include "shared_options.h"
#include "story.h"
#include "subject.h"
#include "svg.h"
#include "terminal.h"
#include "trees.h"

#include <typecase/error.h>

#include <memory>

namespace typecase::cli {
namespace {

constexpr int kDefaultSteps = 5;

void write_file(const std::string& path, std::string_view text) {
  Output file = Output::to_file(path);
  file << text;
  file.flush();
}

class Explain {
 public:
  explicit Explain(Options& table);
  int operator()(Output& out);

 private:
  GenerateRequest request_of(const Subject& subject);

  ModelFlags model_{};
  GenerationFlags generation_{};
  TalkFlags talk_{};
  TextFlags prompt_{};
  std::string toy_{};
  std::string svg_{};
  int top_ = 8;
  bool jsonl_ = false;
  Messages messages_{talk_};
};

Explain::Explain(Options& table) {
  prompt_.add_to(table, "PROMPT");
  table.text("toy", "FILE", "a table of probabilities in place of a model: docs/decoding.md", toy_);
  table.integer("top", "N", "how many candidates to show for each step (8)", top_, 1, 1000, 'n');
  table.flag("jsonl", "the events themselves, one JSON object a line: docs/trace.md", jsonl_);
  table.text("svg", "FILE", "also draw it as an SVG picture", svg_);
  talk_.add_to(table);
  generation_.add_to(table);
  model_.add_to(table);
}

GenerateRequest Explain::request_of(const Subject& subject) {
  GenerateRequest request{.input_ids = {subject.prompt},
                          .keywords = generation_.keywords,
                          .generation_config = generation_.config};
  request.on_warning = [this](const std::string& warning) { messages_.warn(warning); };
  request.should_stop = CatchInterrupt::happened;
  const auto named = [&](const char* field) {
    return request.keywords.find(field) != nullptr ||
           (request.generation_config && request.generation_config->find(field) != nullptr);
  };
  if (!named("max_new_tokens") && !named("max_length") && !subject.has_default_length) {
    request.keywords.set("max_new_tokens", kDefaultSteps);
  }
  return request;
}

int Explain::operator()(Output& out) {
  const Subject subject = Subject::open(model_, toy_, prompt_, messages_);
  GenerateRequest request = request_of(subject);
  std::vector<trace::Event> events;
  request.observer = {.on_event = [&](const trace::Event& e) { events.push_back(e); },
                      .candidates = static_cast<std::size_t>(top_)};
  const std::int64_t seed = generation_.sow();
  messages_.note("seed " + std::to_string(seed));
  messages_.note("backend " + subject.note);
  const CatchInterrupt interrupt;
  const GenerateResult result = subject.generate(request);

  std::string lines;
  if (jsonl_) {
    for (const auto& e : events) lines += trace::to_json(e, subject.token).dump() + "\n";
  }
  Story story = story_of(events);
  story.token = subject.token;
  story.text = subject.text;
  if (!jsonl_ && story.steps.empty() && !story.has_beams()) {
    throw Error(Code::unsupported, "explain cannot draw " + story.begin.mode +
                                       " yet; typecase generate shows what it chooses");
  }
  if (!svg_.empty()) write_file(svg_, draw_svg(story));
  out << (jsonl_ ? lines : (story.has_beams() ? draw_trees(story) : draw_bars(story)));
  out.flush();
  return result.stopped ? exit_code(Code::interrupted) : 0;
}

}  // namespace

Action declare_explain(Options& table) {
  const auto explain = std::make_shared<Explain>(table);
  return [explain](Output& out) { return (*explain)(out); };
}

}  // namespace typecase::cli
