#include "batch.h"
#include "commands.h"
#include "generation_flags.h"
#include "request_fields.h"
#include "shared_options.h"
#include "terminal.h"
#include "trace_file.h"

#include <typecase/error.h>
#include <typecase/pipeline.h>

#include <chrono>
#include <memory>

namespace typecase::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string rounded(double value) {
  const std::string text = std::to_string(value);
  return text.substr(0, text.find('.') + 3);
}

class Run {
 public:
  explicit Run(Options& table);
  int operator()(Output& out);

 private:
  struct Timing {
    double load = 0;
    double first_text = 0;
    double total = 0;
    int pieces = 0;  // of text
    int steps = 0;   // of the model: one token for each row
  };

  int batch(Output& out);
  int one(Output& out);
  /// The model that drafts, opened at the first call; nullptr without --assistant-model.
  const Model* assistant();
  Json keywords(const Json* of_request) const;
  bool can_stream(const Model& model) const;
  Json start_event(const Model& model, const std::string& prompt, std::int64_t seed) const;
  void print_texts(Output& out, const Json& result) const;
  void report(const Model& model, std::int64_t seed, const Timing& timing) const;

  ModelFlags model_{};
  GenerationFlags generation_{};
  TalkFlags talk_{};
  BatchFlags batch_{};
  TextFlags prompt_{};
  std::string assistant_path_{};
  std::optional<Model> assistant_{};
  bool no_prompt_ = false;
  bool json_ = false;
  bool jsonl_ = false;
  TraceFile trace_{};
  Messages messages_{talk_};
};

Run::Run(Options& table) {
  prompt_.add_to(table, "PROMPT");
  table.flag("no-prompt", "print the continuation alone", no_prompt_);
  table.flag("json", "one JSON document at the end, with the seed", json_);
  table.flag("jsonl", "a stream of JSON events, one a line", jsonl_);
  trace_.add_to(table);
  talk_.add_to(table);
  generation_.add_to(table);
  model_.add_to(table);
  table.text("assistant-model", "PATH", "a smaller model that drafts tokens (assisted decoding)",
             assistant_path_);
  batch_.add_to(table);
}

const Model* Run::assistant() {
  if (assistant_path_.empty()) return nullptr;
  ModelFlags flags = model_;
  flags.path = assistant_path_;
  if (!assistant_) assistant_.emplace(flags.open());
  return &*assistant_;
}

int Run::operator()(Output& out) { return batch_.wanted() ? batch(out) : one(out); }

// The options as keyword arguments of the pipeline; those of a request win.
Json Run::keywords(const Json* of_request) const {
  Json out = generation_.keywords.to_json();
  if (generation_.config) out.set("generation_config", generation_.config->to_json());
  if (of_request == nullptr) return out;
  if (!of_request->is_object()) {
    throw Error(Code::invalid_argument, "kwargs: expected an object");
  }
  for (const auto& [name, value] : of_request->as_object()) out.set(name, value);
  return out;
}

int Run::batch(Output& out) {
  std::optional<Model> model;
  const auto open = [&]() -> Answer {
    model.emplace(model_.open());
    for (const auto& warning : model->warnings()) messages_.warn(warning);
    generation_.sow();
    return [&](const Json& request, std::string& members) {
      const Json* inputs = request.find("inputs");
      if (inputs == nullptr) throw Error(Code::invalid_argument, "the request has no 'inputs'");
      seed_as_asked(request);
      const Json kwargs = keywords(optional_member(request, "kwargs"));
      append_member(members, "result",
                    text_generation(*model, *inputs, kwargs, {.assistant = assistant()}));
    };
  };
  return answer_requests(batch_, out, open);
}

// Beams change their mind, and several sequences cannot share a terminal: those are printed whole.
bool Run::can_stream(const Model& model) const {
  if (json_) return false;
  for (const char* field : {"num_beams", "num_return_sequences"}) {
    std::optional<std::int64_t> value = generation_.keywords.integer(field);
    if (!value && generation_.config) value = generation_.config->integer(field);
    if (!value) value = model.generation_config().integer(field);
    if (value.value_or(1) > 1) return false;
  }
  return true;
}

Json Run::start_event(const Model& model, const std::string& prompt, std::int64_t seed) const {
  return Json::Object{{"event", Json("start")},
                      {"model", Json(model.path())},
                      {"prompt", Json(prompt)},
                      {"seed", Json(seed)}};
}

void Run::print_texts(Output& out, const Json& result) const {
  bool first = true;
  for (const Json& one : result.as_array()) {
    if (!first) out << "\n";
    out << one.at("generated_text").as_string() << "\n";
    first = false;
  }
}

void Run::report(const Model& model, std::int64_t seed, const Timing& timing) const {
  messages_.note("seed " + std::to_string(seed));
  messages_.note("backend " + model.backend());
  std::string line = "loaded in " + rounded(timing.load) + " s";
  if (timing.pieces > 0) line += ", first text after " + rounded(timing.first_text) + " s";
  line += ", done after " + rounded(timing.total) + " s";
  const double decoding = timing.total - timing.first_text;
  if (timing.pieces > 0 && timing.steps > 1 && decoding > 0) {
    line += ": " + rounded((timing.steps - 1) / decoding) + " tokens/s after the first";
  }
  messages_.note(line);
}

int Run::one(Output& out) {
  const std::string prompt = prompt_.read();
  Timing timing;
  const auto start = Clock::now();
  model_.for_one_sequence();
  const Model model = model_.open();
  for (const auto& warning : model.warnings()) messages_.warn(warning);
  model.prepare_first();
  timing.load = seconds_since(start);

  const std::int64_t seed = generation_.sow();
  const auto line = [&out](const Json& event) {
    out << event.dump() << "\n";
    out.flush();
  };
  if (jsonl_) line(start_event(model, prompt, seed));

  PipelineOptions options{.assistant = assistant()};
  const bool streams = can_stream(model);
  if (streams) {
    options.on_text = [&](std::string_view piece) {
      if (timing.pieces++ == 0) {
        timing.first_text = seconds_since(start);
        if (!jsonl_ && !no_prompt_ && !model.has_encoder()) out << prompt;
      }
      if (jsonl_) return line(Json::Object{{"event", Json("text")}, {"text", Json(piece)}});
      out << piece;
      out.flush();
    };
  }
  options.should_stop = [&timing] {
    timing.steps += 1;
    return CatchInterrupt::happened();
  };
  options.on_warning = [&](const std::string& warning) { messages_.warn(warning); };

  options.observer =
      trace_.observer([&](TokenId id) { return model.tokenizer().decode(Tokens{id}); });

  Json kwargs = keywords(nullptr);
  if (no_prompt_) kwargs.set("return_full_text", false);
  const CatchInterrupt interrupt;
  const Json result = text_generation(model, Json(prompt), kwargs, options);
  trace_.finish();
  timing.total = seconds_since(start);

  const bool stopped = CatchInterrupt::happened();
  const Json seconds = Json::Object{{"load", Json(timing.load)}, {"total", Json(timing.total)}};
  if (json_ || jsonl_) {
    Json end =
        json_ ? start_event(model, prompt, seed) : Json(Json::Object{{"event", Json("end")}});
    if (json_) end.erase("event");
    end.set("result", result);
    end.set("stopped", stopped);
    end.set("seconds", seconds);
    line(end);
  } else if (streams && timing.pieces > 0) {
    out << "\n";
  } else {
    print_texts(out, result);
  }
  out.flush();
  report(model, seed, timing);
  return stopped ? exit_code(Code::interrupted) : 0;
}

}  // namespace

Action declare_run(Options& table) {
  const auto run = std::make_shared<Run>(table);
  return [run](Output& out) { return (*run)(out); };
}

}  // namespace typecase::cli
