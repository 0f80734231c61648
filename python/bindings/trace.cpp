#include "trace.h"

#include "svg.h"
#include "tokenizer.h"
#include "values.h"

#include <utility>

namespace typecase::python {
namespace {

std::function<std::string(TokenId)> text_of(const SharedTokenizer* tokenizer) {
  if (tokenizer == nullptr) return {};
  return [tokenizer](TokenId id) { return tokenizer->tokenizer->decode(Tokens{id}); };
}

nb::list events_of(const Trace& self, const SharedTokenizer* tokenizer) {
  nb::list out;
  for (const auto& event : self.events) {
    out.append(object_of(trace::to_json(event, text_of(tokenizer))));
  }
  return out;
}

/// The events of each call, from its begin to its end.
std::vector<std::vector<trace::Event>> calls_of(const std::vector<trace::Event>& events) {
  std::vector<std::vector<trace::Event>> out;
  for (const auto& event : events) {
    if (out.empty() || std::holds_alternative<trace::Begin>(event)) out.emplace_back();
    out.back().push_back(event);
  }
  return out;
}

nb::list svgs_of(const Trace& self, const SharedTokenizer& tokenizer) {
  nb::list out;
  for (const auto& call : calls_of(self.events)) {
    cli::Story story = cli::story_of(call);
    if (story.steps.empty() && !story.has_beams()) continue;
    story.token = text_of(&tokenizer);
    story.text = [&](const Tokens& ids) { return tokenizer.tokenizer->decode(ids); };
    out.append(cli::draw_svg(story));
  }
  return out;
}

}  // namespace

void declare_trace(nb::module_& module) {
  nb::class_<Trace>(module, "Trace")
      .def("__init__",
           [](Trace* self, std::size_t candidates) { new (self) Trace{.candidates = candidates}; })
      .def("__len__", [](const Trace& self) { return self.events.size(); })
      .def("events", &events_of, nb::arg("tokenizer").none())
      .def("svgs", &svgs_of)
      .def("clear", [](Trace& self) { self.events.clear(); });
}

}  // namespace typecase::python
