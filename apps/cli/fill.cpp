#include "batch.h"
#include "commands.h"
#include "request_fields.h"
#include "shared_options.h"
#include "terminal.h"

#include <typecase/error.h>
#include <typecase/model.h>

#include <cstdio>
#include <memory>
#include <optional>

namespace typecase::cli {
namespace {

using Words = std::vector<MaskedWord>;

Json json_of(const Words& words) {
  Json::Array out;
  for (const MaskedWord& w : words) {
    out.emplace_back(Json::Object{{"score", w.score},
                                  {"token", w.token},
                                  {"token_str", w.token_str},
                                  {"sequence", w.sequence}});
  }
  return out;
}

/// As the reference's pipeline: a list of words for a text with one mask, a list of lists for more.
Json json_of(const std::vector<Words>& masks) {
  if (masks.size() == 1) return json_of(masks[0]);
  Json::Array out;
  for (const Words& words : masks) out.push_back(json_of(words));
  return out;
}

struct Fill {
  ModelFlags model{};
  TalkFlags talk{};
  BatchFlags requests{};
  TextFlags text{};
  int top = 5;
  bool json = false;

  int operator()(Output& out) { return requests.wanted() ? batch(out) : one(out); }
  int batch(Output& out);
  int one(Output& out);
};

std::size_t top_of(const Json& request) {
  const Json* v = optional_member(request, "top_k");
  if (v == nullptr) return 5;
  if (!v->is_integer() || v->as_integer() < 1) {
    throw Error(Code::invalid_argument, "top_k: expected a number of words above 0");
  }
  return static_cast<std::size_t>(v->as_integer());
}

int Fill::batch(Output& out) {
  std::optional<Model> opened;
  return answer_requests(requests, out, [&]() -> Answer {
    opened.emplace(model.open(talk));
    return [&](const Json& request, std::string& members) {
      const auto texts = texts_of(request, "inputs");
      const Json* inputs = optional_member(request, "inputs");
      Json::Array all;
      for (const std::string& t : texts) all.push_back(json_of(opened->fill(t, top_of(request))));
      const bool single = inputs->is_string();
      append_member(members, "result", single ? std::move(all.at(0)) : Json(std::move(all)));
    };
  });
}

int Fill::one(Output& out) {
  const std::string read = text.read();
  const auto masks = model.open(talk).fill(read, static_cast<std::size_t>(top));
  if (json) {
    out << json_of(masks).dump() << "\n";
    return 0;
  }
  for (const Words& words : masks) {
    if (&words != &masks.front()) out << "\n";
    for (const MaskedWord& w : words) {
      char percent[32];
      std::snprintf(percent, sizeof percent, "%6.2f %%  ", 100 * static_cast<double>(w.score));
      out << percent << paint(Stream::output, Paint::cyan, Json(w.token_str).dump()) << "\n";
    }
  }
  return 0;
}

}  // namespace

Action declare_fill(Options& table) {
  const auto fill = std::make_shared<Fill>();
  fill->text.add_to(table, "TEXT");
  table.integer("top", "N", "how many words to show for each mask (5)", fill->top, 1, 1 << 20, 'n');
  table.flag("json", "as one JSON document", fill->json);
  fill->talk.add_to(table);
  fill->model.add_to(table);
  fill->requests.add_to(table);
  return [fill](Output& out) { return (*fill)(out); };
}

}  // namespace typecase::cli
