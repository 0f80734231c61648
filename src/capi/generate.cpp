#include "capi/border.h"
#include "capi/handles.h"

#include <typecase/generator.h>
#include <typecase/pipeline.h>
#include <typecase/stream_decoder.h>

#include <memory>
#include <optional>

using namespace typecase;
using namespace typecase::capi;

namespace {

/// The caller's functions as C++ calls them. Lives as long as the call.
class Told {
 public:
  Told(const typecase_callbacks* callbacks, const Model& model)
      : told_(struct_of(callbacks, "callbacks")), model_(model) {}
  Told(const Told&) = delete;

  bool wants_tokens() const { return told_.on_tokens != nullptr; }
  bool wants_text() const { return told_.on_text != nullptr; }
  bool stopped() const { return stopped_; }

  void tokens(const std::vector<TokenId>& ids) {
    stopped_ |= told_.on_tokens(told_.user, ids.data(), ids.size()) != 0;
  }
  void text(std::string_view piece) {
    if (piece.empty()) return;
    const std::string ended(piece);
    stopped_ |= told_.on_text(told_.user, ended.c_str(), ended.size()) != 0;
  }

  std::function<void(const std::string&)> on_warning() const {
    if (told_.on_warning == nullptr) return {};
    return [this](const std::string& message) { told_.on_warning(told_.user, message.c_str()); };
  }

  trace::Observer observer() const {
    if (told_.on_event == nullptr) return {};
    trace::Observer out;
    if (told_.candidates > 0) out.candidates = told_.candidates;
    out.on_event = [this](const trace::Event& event) {
      const std::string line = trace::to_json(event, [this](TokenId id) {
                                 return model_.tokenizer().decode(Tokens{id});
                               }).dump();
      told_.on_event(told_.user, line.c_str(), line.size());
    };
    return out;
  }

 private:
  typecase_callbacks told_;
  const Model& model_;
  bool stopped_ = false;
};

template <class Row, class T>
std::vector<Row> rows_of(const T* values, std::size_t rows, std::size_t length) {
  std::vector<Row> out;
  for (std::size_t i = 0; i < rows; ++i) {
    out.emplace_back(values + i * length, values + (i + 1) * length);
  }
  return out;
}

GenerateRequest request_of(const typecase_request* given) {
  required(given, "request");
  const auto from = struct_of(given, "request");
  GenerateRequest out;
  if (from.input_ids != nullptr) {
    if (from.rows == 0 || from.length == 0) {
      throw Error(Code::invalid_argument, "request: input_ids without rows or length");
    }
    out.input_ids = rows_of<Tokens>(from.input_ids, from.rows, from.length);
  } else if (from.rows != 0 || from.length != 0 || from.attention_mask != nullptr) {
    throw Error(Code::invalid_argument, "request: input_ids is NULL, the rest of the shape is not");
  }
  if (from.attention_mask != nullptr) {
    out.attention_mask = rows_of<Mask>(from.attention_mask, from.rows, from.length);
  }
  const Json fields = json_of(from.config_json, "config_json", Json::object());
  if (!fields.is_object()) throw Error(Code::invalid_argument, "config_json: not an object");
  for (const auto& [name, value] : fields.as_object()) out.keywords.set(name, value);
  return out;
}

const std::vector<TokenId>& row_of(const typecase_result& result, std::size_t row) {
  const auto& rows = result.result.sequences;
  if (row < rows.size()) return rows[row];
  throw Error(Code::invalid_argument, "row " + std::to_string(row) + " of a result with " +
                                          std::to_string(rows.size()) + " rows");
}

}  // namespace

void typecase_seed(int64_t seed) { default_generator().seed(seed); }

typecase_status typecase_text_generation(const typecase_model* model, const char* inputs_json,
                                         const char* kwargs_json,
                                         const typecase_callbacks* callbacks, char** json) {
  return guarded([&] {
    char*& out = cleared(json, "json");
    const Model& chosen = *required(model, "model").model;
    const Json inputs = json_of(&required(inputs_json, "inputs_json"), "inputs_json", nullptr);
    const Json kwargs = json_of(kwargs_json, "kwargs_json", Json::object());
    if (!kwargs.is_object()) throw Error(Code::invalid_argument, "kwargs_json: not an object");
    Told told(callbacks, chosen);
    PipelineOptions options;
    if (told.wants_text()) options.on_text = [&](std::string_view piece) { told.text(piece); };
    options.should_stop = [&] { return told.stopped(); };
    options.on_warning = told.on_warning();
    options.observer = told.observer();
    out = copy_of(text_generation(chosen, inputs, kwargs, options).dump());
  });
}

typecase_status typecase_generate(const typecase_model* model, const typecase_request* request,
                                  const typecase_callbacks* callbacks, typecase_result** result) {
  return guarded([&] {
    typecase_result*& out = cleared(result, "result");
    const Model& chosen = *required(model, "model").model;
    GenerateRequest call = request_of(request);
    std::optional<Generator> own;
    if (request->seed != nullptr) call.generator = &own.emplace(*request->seed);

    Told told(callbacks, chosen);
    std::optional<StreamDecoder> decoder;
    if (told.wants_text()) decoder.emplace(chosen.tokenizer());
    if (told.wants_tokens() || decoder) {
      call.on_tokens = [&](const std::vector<TokenId>& ids) {
        if (told.wants_tokens()) told.tokens(ids);
        if (!decoder) return;
        if (ids.size() != 1) {
          throw Error(Code::invalid_argument, "on_text needs one row, there are " +
                                                  std::to_string(ids.size()) + "; use on_tokens");
        }
        told.text(decoder->push(ids[0]));
      };
    }
    call.should_stop = [&] { return told.stopped(); };
    call.on_warning = told.on_warning();
    call.observer = told.observer();
    auto handle = std::make_unique<typecase_result>();
    handle->result = chosen.generate(call);
    if (decoder) told.text(decoder->finish());
    out = handle.release();
  });
}

void typecase_result_close(typecase_result* result) { delete result; }

size_t typecase_result_rows(const typecase_result* result) {
  return result == nullptr ? 0 : result->result.sequences.size();
}

typecase_status typecase_result_ids(const typecase_result* result, size_t row, const int32_t** ids,
                                    size_t* count) {
  return guarded([&] {
    cleared(count, "count");
    cleared(ids, "ids");
    const Tokens& found = row_of(required(result, "result"), row);
    *ids = found.data();
    *count = found.size();
  });
}

typecase_status typecase_result_score(const typecase_result* result, size_t row, float* score) {
  return guarded([&] {
    cleared(score, "score");
    row_of(required(result, "result"), row);
    const auto& scores = result->result.sequences_scores;
    if (row >= scores.size()) {
      throw Error(Code::not_found,
                  "there are no scores: they need beams, output_scores and "
                  "return_dict_in_generate");
    }
    *score = scores[row];
  });
}

int32_t typecase_result_stopped(const typecase_result* result) {
  return result != nullptr && result->result.stopped ? 1 : 0;
}
