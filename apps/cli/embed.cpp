#include "batch.h"
#include "commands.h"
#include "request_fields.h"
#include "shared_options.h"

#include <typecase/error.h>
#include <typecase/model.h>

#include <memory>
#include <optional>

namespace typecase::cli {
namespace {

Pooling pooling_named(const std::string& name) {
  if (name == "mean") return Pooling::mean;
  if (name == "cls") return Pooling::cls;
  throw Error(Code::invalid_argument, "pooling: expected mean or cls, found " + quote(name));
}

struct Embed {
  ModelFlags model{};
  TalkFlags talk{};
  BatchFlags requests{};
  TextFlags text{};
  std::string pooling{};
  std::optional<bool> normalize{};
  int max_length = 0;
  bool json = false;

  int operator()(Output& out) { return requests.wanted() ? batch(out) : one(out); }
  int batch(Output& out);
  int one(Output& out);
};

EmbedOptions options_of(const Json& request) {
  EmbedOptions options;
  if (const Json* v = optional_member(request, "pooling")) {
    options.pooling = pooling_named(v->is_string() ? v->as_string() : v->dump());
  }
  if (optional_member(request, "normalize") != nullptr) {
    options.normalize = flag_or(request, "normalize", true);
  }
  if (const Json* v = optional_member(request, "max_length")) {
    if (!v->is_integer() || v->as_integer() < 1) {
      throw Error(Code::invalid_argument, "max_length: expected a number of tokens above 0");
    }
    options.max_length = v->as_integer();
  }
  return options;
}

int Embed::batch(Output& out) {
  std::optional<Model> opened;
  return answer_requests(requests, out, [&]() -> Answer {
    opened.emplace(model.open(talk));
    return [&](const Json& request, std::string& members) {
      const auto vectors = opened->embed(texts_of(request, "texts"), options_of(request));
      Json::Array rows;
      for (const auto& vector : vectors) rows.push_back(Json::array_of(vector));
      append_member(members, "embeddings", Json(std::move(rows)));
    };
  });
}

int Embed::one(Output& out) {
  const std::string read = text.read();
  EmbedOptions options{.normalize = normalize, .max_length = max_length};
  if (!pooling.empty()) options.pooling = pooling_named(pooling);
  const Json vector = Json::array_of(model.open(talk).embed({read}, options).at(0));
  out << (json ? Json(Json::Object{{"text", read}, {"embedding", vector}}) : vector).dump() << "\n";
  return 0;
}

}  // namespace

Action declare_embed(Options& table) {
  const auto embed = std::make_shared<Embed>();
  embed->text.add_to(table, "TEXT");
  table.choice("pooling", {"mean", "cls"},
               "how tokens become one vector (as the files say, else mean)", embed->pooling);
  table.add({.kind = Option::Kind::yes_or_no,
             .name = "normalize",
             .value = {},
             .help = "vectors of length 1 (as the files say, else yes)",
             .accept = [embed](const std::string& v) { embed->normalize = v == "true"; }});
  table.integer("max-length", "N", "most tokens of a text (as the files say)", embed->max_length, 1,
                1 << 30);
  table.flag("json", "as one JSON document", embed->json);
  embed->talk.add_to(table);
  embed->model.add_to(table);
  embed->requests.add_to(table);
  return [embed](Output& out) { return (*embed)(out); };
}

}  // namespace typecase::cli
