#include "tokenizer.h"

#include "values.h"

#include <typecase/chat.h>
#include <typecase/stream_decoder.h>

#include <nanobind/stl/optional.h>

namespace typecase::python {
namespace {

SharedTokenizer open(const std::string& path, bool file) {
  nb::gil_scoped_release no_gil;
  return {std::make_shared<Tokenizer>(file ? Tokenizer::from_file(path)
                                           : Tokenizer::from_folder(path))};
}

/// (ids, tokens, type_ids, offsets)
nb::tuple encode(const SharedTokenizer& self, const std::string& text,
                 const std::optional<std::string>& pair, bool add_special_tokens, bool offsets) {
  const EncodeOptions options{.add_special_tokens = add_special_tokens, .offsets = offsets};
  Encoding encoding;
  {
    nb::gil_scoped_release no_gil;
    encoding =
        pair ? self.tokenizer->encode(text, *pair, options) : self.tokenizer->encode(text, options);
  }
  nb::list tokens;
  for (const std::string& token : encoding.tokens) tokens.append(token);
  nb::list types;
  for (const auto type : encoding.type_ids) types.append(static_cast<int>(type));
  nb::list ranges;
  for (const Offsets& o : encoding.offsets) ranges.append(nb::make_tuple(o.begin, o.end));
  return nb::make_tuple(list_of(encoding.ids), tokens, types, ranges);
}

nb::list encode_ids(const SharedTokenizer& self, const std::string& text, bool add_special) {
  Tokens ids;
  {
    nb::gil_scoped_release no_gil;
    ids = self.tokenizer->encode_ids(text, add_special);
  }
  return list_of(ids);
}

std::string decode(const SharedTokenizer& self, nb::handle ids, bool skip_special_tokens,
                   std::optional<bool> clean_up) {
  return self.tokenizer->decode(tokens_of(ids), {.skip_special_tokens = skip_special_tokens,
                                                 .clean_up_tokenization_spaces = clean_up});
}

/// (text, spans of {% generation %} in bytes)
nb::tuple render(const std::string& source, nb::handle special, nb::handle messages,
                 nb::handle tools, nb::handle documents, bool add_generation_prompt,
                 const std::string& continue_field, nb::handle variables) {
  const Json tokens = json_of(special);
  const ChatRequest request{.messages = json_of(messages),
                            .tools = json_of(tools),
                            .documents = json_of(documents),
                            .add_generation_prompt = add_generation_prompt,
                            .continue_final_message = continue_field,
                            .variables = json_of(variables)};
  RenderedText rendered;
  {
    nb::gil_scoped_release no_gil;
    rendered = ChatTemplate::parse(source, tokens).render(request);
  }
  nb::list spans;
  for (const ByteSpan& s : rendered.generation_spans) spans.append(nb::make_tuple(s.begin, s.end));
  return nb::make_tuple(rendered.text, spans);
}

}  // namespace

void declare_tokenizer(nb::module_& module) {
  nb::class_<SharedTokenizer>(module, "Tokenizer")
      .def_static("from_folder", [](const std::string& path) { return open(path, false); })
      .def_static("from_file", [](const std::string& path) { return open(path, true); })
      .def("encode", &encode, nb::arg("text"), nb::arg("pair").none(),
           nb::arg("add_special_tokens"), nb::arg("offsets"))
      .def("encode_ids", &encode_ids)
      .def("decode", &decode, nb::arg("ids"), nb::arg("skip_special_tokens"),
           nb::arg("clean_up").none())
      .def("token_of",
           [](const SharedTokenizer& t, TokenId id) { return t.tokenizer->token_of(id); })
      .def("id_of",
           [](const SharedTokenizer& t, const std::string& s) { return t.tokenizer->id_of(s); })
      .def("is_special",
           [](const SharedTokenizer& t, TokenId id) { return t.tokenizer->is_special(id); })
      .def_prop_ro("size", [](const SharedTokenizer& t) { return t.tokenizer->vocabulary_size(); })
      .def_prop_ro("end_id", [](const SharedTokenizer& t) { return t.tokenizer->end_id(); })
      .def_prop_ro("ids",
                   [](const SharedTokenizer& t) {
                     return nb::make_tuple(t.tokenizer->bos_id(), t.tokenizer->eos_id(),
                                           t.tokenizer->unk_id(), t.tokenizer->pad_id());
                   })
      .def_prop_ro(
          "special_tokens",
          [](const SharedTokenizer& t) { return object_of(special_token_variables(*t.tokenizer)); })
      .def_prop_ro("chat_template",
                   [](const SharedTokenizer& t) { return t.tokenizer->chat_template(); })
      .def_prop_ro("model_max_length",
                   [](const SharedTokenizer& t) { return t.tokenizer->model_max_length(); })
      .def_prop_ro("pads_left", [](const SharedTokenizer& t) { return t.tokenizer->pads_left(); })
      .def_prop_ro("kind",
                   [](const SharedTokenizer& t) { return std::string(t.tokenizer->kind()); })
      .def_prop_ro("source",
                   [](const SharedTokenizer& t) { return std::string(t.tokenizer->source()); });
  module.def("render", &render, nb::arg("source"), nb::arg("special"), nb::arg("messages"),
             nb::arg("tools").none(), nb::arg("documents").none(), nb::arg("add_generation_prompt"),
             nb::arg("continue_field"), nb::arg("variables"));
  module.def("clean_up", [](std::string text) { return Tokenizer::clean_up(std::move(text)); });
}

}  // namespace typecase::python
