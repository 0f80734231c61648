#include "batch.h"
#include "columns.h"
#include "commands.h"
#include "request_fields.h"
#include "shared_options.h"
#include "terminal.h"
#include "token_view.h"

#include <typecase/error.h>
#include <typecase/model.h>

#include <limits>
#include <memory>

namespace typecase::cli {
namespace {

/// The tokenizer alone: of a folder without touching weights, of a GGUF file from its metadata.
class OpenedTokenizer {
 public:
  explicit OpenedTokenizer(const ModelFlags& flags) {
    const std::string path = flags.chosen();
    if (path.ends_with(".gguf")) {
      model_.emplace(Model::open(path, flags.options));
    } else {
      tokenizer_.emplace(Tokenizer::from_folder(path));
    }
  }
  const Tokenizer& get() const { return tokenizer_ ? *tokenizer_ : model_->tokenizer(); }

 private:
  std::optional<Tokenizer> tokenizer_{};
  std::optional<Model> model_{};
};

std::string text_member(const Json& request, std::string_view key) {
  const Json* text = request.find(key);
  if (text == nullptr || !text->is_string()) {
    throw Error(Code::invalid_argument, std::string(key) + ": a text is needed");
  }
  return text->as_string();
}

// Ids up to 2³² are legal questions; those beyond TokenId belong to no token and give no text.
Tokens ids_to_decode(const Json& list) {
  Json known = Json::array();
  if (!list.is_array()) throw Error(Code::invalid_argument, "ids: a list of token ids is needed");
  for (const Json& id : list.as_array()) {
    const bool beyond = id.is_integer() && id.as_integer() > std::numeric_limits<TokenId>::max() &&
                        id.as_integer() <= std::numeric_limits<std::uint32_t>::max();
    if (!beyond) known.push_back(id);
  }
  return ids_of(known, "ids");
}

std::string decoded(const Tokenizer& tokenizer, const Json& request) {
  DecodeOptions options{.skip_special_tokens = flag_or(request, "skip_special_tokens", false)};
  if (optional_member(request, "clean_up_tokenization_spaces") != nullptr) {
    options.clean_up_tokenization_spaces = flag_or(request, "clean_up_tokenization_spaces", false);
  }
  return tokenizer.decode(ids_to_decode(request.at("ids")), options);
}

Encoding encoded(const Tokenizer& tokenizer, const Json& request) {
  const EncodeOptions options{.add_special_tokens = flag_or(request, "add_special_tokens", true),
                              .offsets = flag_or(request, "offsets", false)};
  const std::string text = text_member(request, "text");
  if (optional_member(request, "text_pair") == nullptr) return tokenizer.encode(text, options);
  return tokenizer.encode(text, text_member(request, "text_pair"), options);
}

// The members of the answer; text or tokens, as the request asks.
void append_answer(const Tokenizer& tokenizer, const Json& request, std::string& members) {
  if (request.has("ids")) {
    append_member(members, "text", decoded(tokenizer, request));
    return;
  }
  const Encoding encoding = encoded(tokenizer, request);
  append_member(members, "input_ids", Json::array_of(encoding.ids));
  append_member(members, "tokens", Json::array_of(encoding.tokens));
  if (!flag_or(request, "offsets", false)) return;
  Json::Array offsets;
  for (const Offsets& range : encoding.offsets) {
    offsets.emplace_back(
        Json::Array{static_cast<std::int64_t>(range.begin), static_cast<std::int64_t>(range.end)});
  }
  append_member(members, "offsets", std::move(offsets));
}

struct Tokenize {
  ModelFlags model{};
  BatchFlags requests{};
  TextFlags text{};
  std::string ids{};
  std::string pair{};
  bool special = true;
  bool skip_special = false;
  bool offsets = false;
  bool view = false;
  bool json = false;

  int operator()(Output& out) const { return requests.wanted() ? batch(out) : one(out); }
  int batch(Output& out) const;
  int one(Output& out) const;
  Json request() const;
  void print(Output& out, const Tokenizer& tokenizer, const Json& request) const;
};

int Tokenize::batch(Output& out) const {
  std::optional<OpenedTokenizer> opened;
  const auto answer_with = [&]() -> Answer {
    opened.emplace(model);
    return [&](const Json& request, std::string& members) {
      append_answer(opened->get(), request, members);
    };
  };
  return answer_requests(requests, out, answer_with);
}

Json Tokenize::request() const {
  Json out = Json::object();
  if (!ids.empty()) {
    out.set("ids", json_option("--ids", "a list like [1, 2]", ids));
    out.set("skip_special_tokens", skip_special);
    return out;
  }
  out.set("text", text.read());
  out.set("add_special_tokens", special);
  out.set("offsets", offsets);
  if (!pair.empty()) out.set("text_pair", pair);
  return out;
}

// One token a line: id, token, where it stands. Two colours in turn show where tokens end.
void Tokenize::print(Output& out, const Tokenizer& tokenizer, const Json& request) const {
  if (request.has("ids")) {
    out << decoded(tokenizer, request) << "\n";
    return;
  }
  const Encoding encoding = encoded(tokenizer, request);
  if (view) {
    out << token_cells(tokenizer, encoding.ids, static_cast<std::size_t>(terminal_columns()));
    out << grouped(encoding.ids.size()) << (encoding.ids.size() == 1 ? " token\n" : " tokens\n");
    return;
  }
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    std::string id = std::to_string(encoding.ids[i]);
    id.insert(0, id.size() < 7 ? 7 - id.size() : 0, ' ');
    out << id << "  "
        << paint(Stream::output, i % 2 == 0 ? Paint::cyan : Paint::yellow, encoding.tokens[i]);
    if (offsets) {
      out << "  " << std::to_string(encoding.offsets[i].begin) << ".."
          << std::to_string(encoding.offsets[i].end);
    }
    out << "\n";
  }
}

int Tokenize::one(Output& out) const {
  const Json asked = request();
  const OpenedTokenizer opened(model);
  if (!json) {
    print(out, opened.get(), asked);
    return 0;
  }
  std::string members;
  append_answer(opened.get(), asked, members);
  out << "{" << std::string_view(members).substr(2) << "}\n";
  return 0;
}

}  // namespace

Action declare_tokenize(Options& table) {
  const auto tokenize = std::make_shared<Tokenize>();
  tokenize->text.add_to(table, "TEXT");
  table.text("text-pair", "TEXT", "the second text of a pair", tokenize->pair);
  table.text("ids", "[ID]", "token ids to turn into text", tokenize->ids);
  table.add({.kind = Option::Kind::yes_or_no,
             .name = "add-special-tokens",
             .value = {},
             .help = "what the tokenizer adds by itself, on unless switched off",
             .accept = [tokenize](const std::string& v) { tokenize->special = v == "true"; }});
  table.flag("skip-special-tokens", "with --ids: leave them out", tokenize->skip_special);
  table.flag("offsets", "also where each token stands, in code points", tokenize->offsets);
  table.flag("view", "the text cut into its tokens, each above its id", tokenize->view);
  table.flag("json", "as one JSON document", tokenize->json);
  tokenize->model.add_to(table);
  tokenize->requests.add_to(table);
  return [tokenize](Output& out) { return (*tokenize)(out); };
}

}  // namespace typecase::cli
