#include "model.h"

#include "tokenizer.h"
#include "trace.h"
#include "values.h"

#include <typecase/generator.h>
#include <typecase/system.h>

#include <nanobind/stl/shared_ptr.h>

#include <cstring>

namespace typecase::python {

std::recursive_mutex& Turn::mutex() {
  static std::recursive_mutex the_mutex;
  return the_mutex;
}

namespace {

using ModelPointer = std::shared_ptr<SharedModel>;

ModelPointer open(const std::string& path, const std::string& dtype, const std::string& attention,
                  int threads, const std::string& recode, const std::string& activations,
                  const std::string& lookup, const std::string& screen_head,
                  const std::string& self_speculation) {
  nb::gil_scoped_release no_gil;
  ModelOptions options{.dtype = dtype,
                       .attn_implementation = attention,
                       .threads = threads,
                       .recode = recode,
                       .lookup = lookup,
                       .screen_head = screen_head,
                       .self_speculation = self_speculation,
                       .activations = activations};
  return std::make_shared<SharedModel>(SharedModel{Model::open(path, options)});
}

/// Runs `work` without Python's lock, when it is the model's turn.
template <class Work>
auto in_turn(SharedModel& model, Work&& work) {
  nb::gil_scoped_release no_gil;
  const Turn turn(model);
  return work();
}

SharedTokenizer tokenizer_of(const ModelPointer& self) {
  const Tokenizer* tokenizer = in_turn(*self, [&] { return &self->model.tokenizer(); });
  return {std::shared_ptr<const Tokenizer>(self, tokenizer)};
}

/// What Python hangs into the loop; None where there is nothing. Held by reference everywhere: a
/// copy would count references without Python's lock.
struct Callbacks {
  nb::object on_tokens, on_warning, prefix_allowed_tokens, process_scores, is_finished;
};

void take_scores(nb::handle from, std::span<float> scores) {
  char* data = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(from.ptr(), &data, &size) != 0) throw nb::python_error();
  if (static_cast<std::size_t>(size) != scores.size_bytes()) {
    throw nb::value_error("a logits processor returned scores of another shape");
  }
  std::memcpy(scores.data(), data, scores.size_bytes());
}

bool interrupted() {
  const nb::gil_scoped_acquire gil;
  if (PyErr_CheckSignals() != 0) throw nb::python_error();
  return false;
}

void hang_in(const Callbacks& callbacks, GenerateRequest& request) {
  request.should_stop = interrupted;
  if (!callbacks.on_tokens.is_none()) {
    request.on_tokens = [&](const std::vector<TokenId>& tokens) {
      const nb::gil_scoped_acquire gil;
      callbacks.on_tokens(list_of(tokens));
    };
  }
  if (!callbacks.on_warning.is_none()) {
    request.on_warning = [&](const std::string& warning) {
      const nb::gil_scoped_acquire gil;
      callbacks.on_warning(warning);
    };
  }
  if (!callbacks.prefix_allowed_tokens.is_none()) {
    request.prefix_allowed_tokens = [&](std::size_t prompt, std::span<const TokenId> ids) {
      const nb::gil_scoped_acquire gil;
      return tokens_of(callbacks.prefix_allowed_tokens(prompt, list_of(ids)));
    };
  }
  if (!callbacks.process_scores.is_none()) {
    request.process_scores = [&](const std::vector<Tokens>& ids, std::span<float> scores) {
      const nb::gil_scoped_acquire gil;
      take_scores(callbacks.process_scores(list_of(ids), bytes_of(scores)), scores);
    };
  }
  if (!callbacks.is_finished.is_none()) {
    request.is_finished = [&](std::span<const TokenId> ids) {
      const nb::gil_scoped_acquire gil;
      return nb::cast<bool>(callbacks.is_finished(list_of(ids)));
    };
  }
}

GenerationConfig fields_of(nb::handle dict) {
  GenerationConfig out;
  const Json fields = json_of(dict);
  for (const auto& [name, value] : fields.as_object()) out.set(name, value);
  return out;
}

std::vector<Mask> mask_of(nb::handle list) {
  std::vector<Mask> out;
  for (const Tokens& row : rows_of(list)) out.emplace_back(row.begin(), row.end());
  return out;
}

nb::list steps_of(const std::vector<std::vector<std::vector<float>>>& steps) {
  nb::list out;
  for (const auto& rows : steps) out.append(bytes_of(rows));
  return out;
}

nb::list states_of(const GenerateResult::States& states) {
  nb::list out;
  for (const auto& layers : states) out.append(steps_of(layers));
  return out;
}

nb::dict dict_of(const GenerateResult& result) {
  nb::dict out;
  out["sequences"] = list_of(result.sequences);
  out["sequences_scores"] = bytes_of(result.sequences_scores);
  out["beam_indices"] = list_of(result.beam_indices);
  out["scores"] = steps_of(result.scores);
  out["logits"] = steps_of(result.logits);
  out["hidden_states"] = states_of(result.hidden_states);
  out["attentions"] = states_of(result.attentions);
  out["return_dict"] = result.return_dict;
  return out;
}

nb::dict generate(SharedModel& self, nb::handle input_ids, nb::handle attention_mask,
                  nb::handle negative_prompt_ids, nb::handle keywords, nb::handle config,
                  nb::handle defaults, SharedModel* assistant, nb::handle assistant_config,
                  Trace* trace, nb::object on_tokens, nb::object on_warning,
                  nb::object prefix_allowed_tokens, nb::object process_scores,
                  nb::object is_finished) {
  GenerateRequest request;
  request.input_ids = rows_of(input_ids);
  request.attention_mask = mask_of(attention_mask);
  request.negative_prompt_ids = rows_of(negative_prompt_ids);
  request.keywords = fields_of(keywords);
  if (!config.is_none()) request.generation_config = fields_of(config);
  request.model_defaults = fields_of(defaults);
  if (assistant != nullptr) request.assistant = &assistant->model;
  request.assistant_config = fields_of(assistant_config);
  if (trace != nullptr) request.observer = trace->observer();
  const Callbacks callbacks{std::move(on_tokens), std::move(on_warning),
                            std::move(prefix_allowed_tokens), std::move(process_scores),
                            std::move(is_finished)};
  hang_in(callbacks, request);
  return dict_of(in_turn(self, [&] { return self.model.generate(request); }));
}

/// The logits at every position, one bytes object [positions · vocabulary] a row.
nb::list logits(SharedModel& self, nb::handle input_ids, nb::handle attention_mask) {
  const auto ids = rows_of(input_ids);
  const auto mask = mask_of(attention_mask);
  return steps_of(in_turn(self, [&] { return self.model.logits(ids, mask); }));
}

nb::dict score(SharedModel& self, nb::handle list, std::int64_t max_length, std::int64_t stride) {
  const Tokens ids = tokens_of(list);
  const TextScore score = in_turn(
      self, [&] { return self.model.score(ids, {.max_length = max_length, .stride = stride}); });
  nb::dict out;
  out["ids"] = list_of(score.ids);
  out["log_probabilities"] = bytes_of(std::span<const float>(score.log_probabilities));
  out["scored"] = score.scored;
  out["log_likelihood"] = score.log_likelihood;
  out["mean"] = score.mean();
  out["perplexity"] = score.perplexity();
  out["windows"] = score.windows;
  out["max_length"] = score.max_length;
  out["stride"] = score.stride;
  return out;
}

Json as_json(const GenerationConfig& config) { return config.to_json(); }

}  // namespace

void declare_model(nb::module_& module) {
  nb::class_<SharedModel>(module, "Model")
      .def_static("open", &open, nb::arg("path"), nb::arg("dtype"), nb::arg("attn_implementation"),
                  nb::arg("threads") = 0, nb::arg("recode") = "auto",
                  nb::arg("activations") = "full", nb::arg("lookup") = "auto",
                  nb::arg("screen_head") = "auto", nb::arg("self_speculation") = "auto")
      .def("tokenizer", &tokenizer_of)
      .def_prop_ro("path", [](const SharedModel& m) { return m.model.path(); })
      .def_prop_ro("architecture",
                   [](const SharedModel& m) { return std::string(m.model.architecture()); })
      .def_prop_ro("dtype", [](const SharedModel& m) { return std::string(m.model.dtype()); })
      .def_prop_ro("num_parameters", [](const SharedModel& m) { return m.model.num_parameters(); })
      .def_prop_ro("vocabulary", [](const SharedModel& m) { return m.model.vocabulary(); })
      .def_prop_ro("config", [](const SharedModel& m) { return object_of(m.model.config()); })
      .def_prop_ro(
          "generation_config",
          [](const SharedModel& m) { return object_of(as_json(m.model.generation_config())); })
      .def_prop_ro("warnings",
                   [](const SharedModel& m) {
                     nb::list out;
                     for (const auto& w : m.model.warnings()) out.append(w);
                     return out;
                   })
      .def("backend", [](SharedModel& m) { return in_turn(m, [&] { return m.model.backend(); }); })
      .def("prepare", [](SharedModel& m) { in_turn(m, [&] { m.model.prepare(); }); })
      .def("summary",
           [](SharedModel& m) { return object_of(in_turn(m, [&] { return m.model.summary(); })); })
      .def("generate", &generate, nb::arg("input_ids"), nb::arg("attention_mask"),
           nb::arg("negative_prompt_ids"), nb::arg("keywords"), nb::arg("config").none(),
           nb::arg("defaults"), nb::arg("assistant").none(), nb::arg("assistant_config"),
           nb::arg("trace").none(), nb::arg("on_tokens").none(), nb::arg("on_warning").none(),
           nb::arg("prefix_allowed_tokens").none(), nb::arg("process_scores").none(),
           nb::arg("is_finished").none())
      .def("logits", &logits)
      .def("score", &score);
  module.def("seed", [](std::int64_t value) {
    nb::gil_scoped_release no_gil;
    const std::lock_guard lock(Turn::mutex());
    default_generator().seed(value);
  });
  // What torch's data loader draws when it starts: 64 bits.
  module.def("draw_loader_seed", [] {
    nb::gil_scoped_release no_gil;
    const std::lock_guard lock(Turn::mutex());
    default_generator().next53();
  });
  module.def("knows_field", [](const std::string& name) { return GenerationConfig::knows(name); });
  module.def("version", &version);
  module.def("default_model", &default_model);
  module.def("cache_folder", &cache_folder);
}

}  // namespace typecase::python
