#include "batch.h"
#include "commands.h"
#include "generation_flags.h"
#include "request_fields.h"
#include "shared_options.h"
#include "terminal.h"
#include "text_rows.h"
#include "trace_file.h"

#include <typecase/error.h>
#include <typecase/model.h>

#include <memory>
#include <optional>

namespace typecase::cli {
namespace {

class Generate {
 public:
  explicit Generate(Options& table);
  int operator()(Output& out) { return batch_.wanted() ? batch(out) : one(out); }

 private:
  int batch(Output& out);
  int one(Output& out);
  Model open();
  Model open(const ModelFlags& flags);
  /// The model that drafts, opened at the first call; nullptr without --assistant-model.
  const Model* assistant();
  GenerateRequest from_flags();
  GenerateRequest from_request(const Model& model, const Json& request);

  ModelFlags model_{};
  GenerationFlags generation_{};
  TalkFlags talk_{};
  BatchFlags batch_{};
  TextFlags text_{};
  std::string input_ids_{};
  std::string assistant_path_{};
  std::optional<Model> assistant_{};
  bool with_text_ = false;
  bool jsonl_ = false;
  TraceFile trace_{};
  Messages messages_{talk_};
};

Generate::Generate(Options& table) {
  text_.add_to(table, "TEXT");
  table.text("input-ids", "[[ID]]", "token ids instead of a text", input_ids_);
  table.flag("text", "also the sequences as text", with_text_);
  table.flag("jsonl", "the events of each step in place of the result: docs/trace.md", jsonl_);
  trace_.add_to(table);
  talk_.add_to(table);
  generation_.add_to(table);
  model_.add_to(table);
  table.text("assistant-model", "PATH", "a smaller model that drafts tokens (assisted decoding)",
             assistant_path_);
  batch_.add_to(table);
}

Model Generate::open() { return open(model_); }

const Model* Generate::assistant() {
  if (assistant_path_.empty()) return nullptr;
  ModelFlags flags = model_;
  flags.path = assistant_path_;
  if (!assistant_) assistant_.emplace(open(flags));
  return &*assistant_;
}

Model Generate::open(const ModelFlags& flags) {
  Model model = flags.open();
  for (const auto& warning : model.warnings()) messages_.warn(warning);
  return model;
}

GenerateRequest Generate::from_flags() {
  GenerateRequest out;
  out.keywords = generation_.keywords;
  out.generation_config = generation_.config;
  out.assistant = assistant();
  out.on_warning = [this](const std::string& warning) { messages_.warn(warning); };
  return out;
}

GenerateRequest Generate::from_request(const Model& model, const Json& request) {
  GenerateRequest out = from_flags();
  if (request.has("text")) {
    TextRows rows = text_rows(model.tokenizer(), texts_of(request, "text"));
    out.input_ids = std::move(rows.input_ids);
    out.attention_mask = std::move(rows.attention_mask);
  } else {
    out.input_ids = token_rows(request, "input_ids");
    out.attention_mask = mask_rows(request, "attention_mask", out.input_ids);
  }
  if (optional_member(request, "negative_prompt_ids") != nullptr) {
    out.negative_prompt_ids = token_rows(request, "negative_prompt_ids");
  }
  if (const Json* own = optional_member(request, "assistant_config")) {
    out.assistant_config = GenerationConfig::from_json(*own);
  }
  if (const Json* alone = optional_member(request, "rows_fail_alone")) {
    out.rows_fail_alone = alone->is_bool() && alone->as_bool();
  }
  if (const Json* fields = optional_member(request, "generation_config")) {
    if (!fields->is_object()) {
      throw Error(Code::invalid_argument, "generation_config: expected an object");
    }
    for (const auto& [name, value] : fields->as_object()) out.keywords.set(name, value);
  }
  return out;
}

// [step][row][vocabulary], float32
Json steps_of(const std::vector<std::vector<std::vector<float>>>& steps) {
  Json::Array out;
  for (const auto& step : steps) {
    Json::Array rows;
    for (const auto& row : step) rows.push_back(Json::array_of(row));
    out.emplace_back(std::move(rows));
  }
  return out;
}

template <class T>
Json rows_of(const std::vector<std::vector<T>>& rows) {
  Json::Array out;
  for (const auto& row : rows) out.push_back(Json::array_of(row));
  return out;
}

void append_result(std::string& members, const GenerateResult& result) {
  append_member(members, "sequences", rows_of(result.sequences));
  if (!result.row_errors.empty()) {
    Json::Array errors;
    for (const auto& e : result.row_errors) {
      errors.push_back(e ? Json(std::string(e->what())) : Json(nullptr));
    }
    append_member(members, "row_errors", std::move(errors));
  }
  if (!result.return_dict) return;
  // The reference shows both kinds of scores or neither.
  if (!result.sequences_scores.empty() && !result.scores.empty()) {
    append_member(members, "sequences_scores", Json::array_of(result.sequences_scores));
  }
  if (!result.beam_indices.empty()) {
    append_member(members, "beam_indices", rows_of(result.beam_indices));
  }
  if (!result.scores.empty()) append_member(members, "scores", steps_of(result.scores));
  if (!result.logits.empty()) append_member(members, "logits", steps_of(result.logits));
}

int Generate::batch(Output& out) {
  std::optional<Model> model;
  const auto answer_with = [&]() -> Answer {
    model.emplace(open());
    generation_.sow();
    return [&](const Json& request, std::string& members) {
      const GenerateRequest call = from_request(*model, request);
      seed_as_asked(request);
      append_result(members, model->generate(call));
    };
  };
  return answer_requests(batch_, out, answer_with);
}

int Generate::one(Output& out) {
  Json request = Json::object();
  if (input_ids_.empty()) {
    request.set("text", text_.read());
  } else {
    request.set("input_ids", json_option("--input-ids", "a list like [[1, 2]]", input_ids_));
  }
  const Model model = open();
  GenerateRequest call = from_request(model, request);
  call.should_stop = CatchInterrupt::happened;
  if (jsonl_) trace_.to_standard_output();
  call.observer = trace_.observer([&](TokenId id) { return model.tokenizer().decode(Tokens{id}); });
  const std::int64_t seed = generation_.sow();
  messages_.note("seed " + std::to_string(seed));
  messages_.note("backend " + model.backend());

  const CatchInterrupt interrupt;
  const GenerateResult result = model.generate(call);
  trace_.finish();
  if (const auto& cuts = result.selections; cuts.rows > 0) {
    messages_.note("top_p: " + std::to_string(cuts.rows) + " rows, " + std::to_string(cuts.sorted) +
                   " of them sorted whole");
  }
  if (jsonl_) return result.stopped ? exit_code(Code::interrupted) : 0;
  std::string members;
  append_result(members, result);
  if (with_text_) {
    Json::Array texts;
    for (const Tokens& ids : result.sequences) texts.emplace_back(model.tokenizer().decode(ids));
    append_member(members, "text", std::move(texts));
  }
  append_member(members, "seed", seed);
  out << "{" << std::string_view(members).substr(2) << "}\n";
  out.flush();
  return result.stopped ? exit_code(Code::interrupted) : 0;
}

}  // namespace

Action declare_generate(Options& table) {
  const auto generate = std::make_shared<Generate>(table);
  return [generate](Output& out) { return (*generate)(out); };
}

}  // namespace typecase::cli
