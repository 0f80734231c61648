#include "text/class_recipe.h"

#include "text/folder_tokens.h"
#include "text/whisper_prefix.h"

#include <typecase/error.h>

#include <fmt/format.h>

#include <algorithm>

namespace typecase {
namespace {

constexpr std::int64_t kMostExtra = 10000;

/// The recipe's options with what the config says of them.
class Options {
 public:
  Options(const ClassRecipe& recipe, const ConfigValue& config, bool has_charsmap)
      : values_(recipe.has("options") ? recipe.at("options") : Json::object()) {
    const Json defaults = values_;
    for (const auto& [key, value] : defaults.as_object()) {
      if (config.has(key)) values_.set(key, config.at(key).json());
      // An explicit null says no; for a language it says nothing.
      const bool refused = config.json().find(key) != nullptr && !config.has(key);
      if (refused && value.is_bool()) values_.set(key, false);
      if (refused && key == "mask_token_sent") values_.set(key, nullptr);
    }
    values_.set("charsmap", has_charsmap);
  }

  const Json& at(const std::string& name) const { return values_.at(name); }
  bool is_true(const std::string& name) const {
    const ConfigValue value(at(name), "/" + name);
    return value.flag();
  }

  /// `part` with every "@name" replaced, and without the parts whose condition fails.
  Json fill(const Json& part) const {
    if (part.is_array()) return fill_list(part);
    if (part.is_string() && part.as_string().starts_with('@'))
      return at(part.as_string().substr(1));
    if (!part.is_object()) return part;
    Json out = Json::object();
    for (const auto& [key, value] : part.as_object()) {
      Json filled = fill(value);
      if (key == "prepend_scheme" && filled.is_bool())
        filled = filled.as_bool() ? "always" : "never";
      out.set(key, std::move(filled));
    }
    return out;
  }

 private:
  Json fill_list(const Json& list) const {
    Json out = Json::array();
    for (const Json& item : list.as_array()) {
      const Json* when = item.find("if");
      const Json* unless = item.find("unless");
      if (when && !is_true(when->as_string())) continue;
      if (unless && is_true(unless->as_string())) continue;
      out.push_back(fill(item));
    }
    return out;
  }

  Json values_;
};

std::string content_of(const Json& token) {
  return token.is_string() ? token.as_string() : token.at("content").as_string();
}

std::string unk_of(const ClassRecipe& recipe, const ConfigValue& config) {
  if (config.has("unk_token")) return read_token(config.at("unk_token"), true).content;
  return content_of(recipe.at("tokens").at("unk_token"));
}

bool says(const Json& object, const char* key) {
  const Json* value = object.find(key);
  return value != nullptr && value->is_bool() && value->as_bool();
}

std::unique_ptr<Normalizer> build_normalizer(const Json& list, TokenizerParts& parts) {
  std::vector<std::unique_ptr<Normalizer>> out;
  for (const auto& part : ConfigValue(list, "/normalizer").elements()) {
    if (part.at("type").text() != "Precompiled") {
      out.push_back(make_normalizer(part));
    } else if (parts.charsmap) {
      out.push_back(std::move(parts.charsmap));
    }
  }
  return out.empty() ? nullptr : make_normalizer_sequence(std::move(out));
}

/// <mask_1> and the unused ids that come before Pegasus's vocabulary.
std::vector<std::string> pegasus_tokens(const Options& options) {
  std::vector<std::string> out;
  if (!options.at("mask_token_sent").is_null()) {
    out.push_back(ConfigValue(options.at("mask_token_sent"), "/mask_token_sent").text());
  }
  const ConfigValue offset(options.at("offset"), "/offset");
  if (offset.integer() > kMostExtra) {
    throw offset.error(Code::limit, fmt::format("the limit is {}", kMostExtra));
  }
  for (std::int64_t i = 2; i < offset.integer(); ++i) out.push_back(fmt::format("<unk_{}>", i));
  return out;
}

/// The token as transformers looks it up: added, in the vocabulary, or else the unknown one.
NamedId token_id(const TokenizerParts& parts, const std::string& token) {
  if (const auto id = parts.added.id_of(token)) return {token, *id};
  if (const auto id = parts.model->id_of(token)) return {token, *id};
  if (parts.unk_token) {
    if (const auto id = parts.added.id_of(*parts.unk_token)) return {*parts.unk_token, *id};
  }
  throw Error(Code::bad_file, "the tokenizer has no token " + quote(token) +
                                  ", which its class puts around every text");
}

std::optional<std::string> named(const TokenizerParts& parts, std::string_view name) {
  const std::pair<std::string_view, const std::optional<std::string>&> fields[] = {
      {"bos_token", parts.bos_token},
      {"eos_token", parts.eos_token},
      {"sep_token", parts.sep_token},
      {"cls_token", parts.cls_token}};
  for (const auto& [key, token] : fields) {
    if (key == name) return token;
  }
  return std::nullopt;
}

/// "@sep_token" and "@sep_token_id" in a post-processor.
Json fill_tokens(const Json& part, const TokenizerParts& parts) {
  if (part.is_array()) {
    Json out = Json::array();
    for (const Json& item : part.as_array()) out.push_back(fill_tokens(item, parts));
    return out;
  }
  if (part.is_object()) {
    Json out = Json::object();
    for (const auto& [key, value] : part.as_object()) out.set(key, fill_tokens(value, parts));
    return out;
  }
  if (!part.is_string() || !part.as_string().starts_with('@')) return part;
  std::string name = part.as_string().substr(1);
  const bool wants_id = name.ends_with("_id");
  if (wants_id) name.resize(name.size() - 3);
  const NamedId token = token_id(parts, named(parts, name).value_or(""));
  return wants_id ? Json(std::int64_t{token.id}) : Json(token.token);
}

std::string language_of(const ClassRecipe& recipe, const Options& options) {
  const std::string name = recipe.at("language").as_string().substr(1);
  std::string out = ConfigValue(options.at(name), "/" + name).text();
  const Json* marks = recipe.find("language_marks");
  if (marks && out.find(marks->as_string()) == std::string::npos) {
    out = marks->as_string() + out + marks->as_string();
  }
  return out;
}

/// The ids for the letters of a template; letters whose token is not there are left out.
std::map<char, NamedId> letters(const ClassRecipe& recipe, const Options& options,
                                const TokenizerParts& parts) {
  std::map<char, NamedId> out;
  const std::pair<char, std::string_view> names[] = {
      {'b', "bos_token"}, {'e', "eos_token"}, {'s', "sep_token"}, {'c', "cls_token"}};
  for (const auto& [letter, name] : names) {
    if (const auto token = named(parts, name)) out[letter] = token_id(parts, *token);
  }
  if (recipe.has("language")) out['l'] = token_id(parts, language_of(recipe, options));
  if (recipe.at("tokens").has("question_token")) {
    // Whatever the config calls it.
    out['q'] = {"[QUESTION]", token_id(parts, "[QUESTION]").id};
    out['d'] = token_id(parts, ".");
  }
  return out;
}

}  // namespace

ClassModel recipe_model(const ClassRecipe& recipe, const ConfigValue& config) {
  const Options options(recipe, config, false);
  const Json model = options.fill(recipe.at("model"));
  ClassModel out;
  out.kind = model.at("type").as_string();
  out.bpe.has_unk = says(model, "unk_token");
  if (out.bpe.has_unk) out.bpe.unk_token = unk_of(recipe, config);
  out.bpe.fuse_unk = says(model, "fuse_unk");
  out.bpe.byte_fallback = says(model, "byte_fallback");
  if (model.has("end_of_word_suffix")) {
    out.bpe.end_of_word_suffix = model.at("end_of_word_suffix").as_string();
  }
  out.word_piece.unk_token = unk_of(recipe, config);
  if (says(model, "unk_piece")) out.unk_piece = unk_of(recipe, config);
  if (model.has("unk_id")) {
    const ConfigValue id(model.at("unk_id"), "/unk_id");
    if (id.integer() < 0 || id.integer() > 1'000'000'000) {
      throw id.error(Code::bad_file, "no id of a token");
    }
    out.unk_id = static_cast<TokenId>(id.integer());
  }
  return out;
}

ClassTokens recipe_tokens(const ClassRecipe& recipe, const ConfigValue& config) {
  ClassTokens out;
  const ConfigValue tokens(recipe.at("tokens"), "");
  for (const auto& [key, token] : tokens.json().as_object()) {
    AddedToken read = read_token(tokens.at(key), true);
    out.named.push_back({key, std::move(read)});
  }
  if (recipe.has("extra")) {
    for (const Json& token : recipe.at("extra").as_array()) out.extra.push_back(token.as_string());
  }
  if (out.extra == std::vector<std::string>{"@pegasus"}) {
    out.extra = pegasus_tokens(Options(recipe, config, false));
  }
  constexpr std::pair<std::string_view, ExtraRule> kRules[] = {
      {"before", ExtraRule::before},
      {"instead", ExtraRule::instead},
      {"alone", ExtraRule::alone},
      {"behind_all", ExtraRule::behind_all}};
  for (const auto& [name, rule] : kRules) {
    if (recipe.has("extra_rule") && recipe.at("extra_rule").as_string() == name) {
      out.extra_rule = rule;
    }
  }
  if (recipe.has("adds_again")) out.adds_again = AddsAgain::with_flags;
  return out;
}

void recipe_parts(const ClassRecipe& recipe, const ConfigValue& config, TokenizerParts& parts) {
  const Options options(recipe, config, parts.charsmap != nullptr);
  parts.normalizer = nullptr;
  if (recipe.has("normalizer")) {
    parts.normalizer = build_normalizer(options.fill(recipe.at("normalizer")), parts);
  }
  const Json cuts = options.fill(recipe.at("pre_tokenizer"));
  std::vector<std::unique_ptr<PreTokenizer>> cutters;
  for (const auto& part : ConfigValue(cuts, "/pre_tokenizer").elements()) {
    cutters.push_back(make_pre_tokenizer(part));
  }
  parts.pre_tokenizer =
      cutters.size() == 1 ? std::move(cutters[0]) : make_pre_tokenizer_sequence(std::move(cutters));
  const Json decoder = options.fill(recipe.at("decoder"));
  std::vector<std::unique_ptr<Decoder>> decoders;
  for (const auto& part : ConfigValue(decoder, "/decoder").elements()) {
    decoders.push_back(make_decoder(part));
  }
  parts.decoder =
      decoders.size() == 1 ? std::move(decoders[0]) : make_decoder_sequence(std::move(decoders));
  if (recipe.has("padding_side")) {
    parts.pads_left = recipe.at("padding_side").as_string() == "left";
  }
  parts.clean_up_even_bpe = says(recipe, "cleans_bpe");
}

void recipe_post_processor(const ClassRecipe& recipe, const ConfigValue& config,
                           TokenizerParts& parts) {
  const bool has = parts.post_processor != nullptr;
  if (has && says(recipe, "keeps_post_processor")) return;
  // RemBert makes its template, and then the plain one over it when the file has none.
  if (!has && says(recipe, "needs_post_processor")) return;
  if (recipe.has("post_processor")) {
    const Json filled = fill_tokens(recipe.at("post_processor"), parts);
    parts.post_processor = make_post_processor(ConfigValue(filled, "/post_processor"));
    return;
  }
  if (!recipe.has("template")) return;
  const Options options(recipe, config, false);
  auto ids = letters(recipe, options, parts);
  std::string single = recipe.at("template").as_array()[0].as_string();
  std::string pair = recipe.at("template").as_array()[1].as_string();
  if (recipe.has("template_if")) {
    const auto& other = recipe.at("template_if").as_array();
    const std::string& name = other[0].as_string();
    if (name == "pads_left" ? parts.pads_left : options.is_true(name)) {
      single = other[1].as_string();
      pair = other[2].as_string();
    }
  }
  if (single.starts_with('w')) {
    std::string prefix;
    for (NamedId& token : whisper_prefix(config, parts)) {
      const char letter = static_cast<char>('0' + prefix.size());
      ids[letter] = std::move(token);
      prefix += {letter, '0'};
    }
    single = prefix + single.substr(2);
    pair = prefix + pair.substr(2);
  }
  for (std::size_t i = 0; i < pair.size(); i += 2) {
    if (pair[i] == 'A' || pair[i] == 'B' || ids.contains(pair[i])) continue;
    throw Error(Code::bad_file,
                "the tokenizer class puts tokens around every text that tokenizer_config.json "
                "takes away: one of bos_token, eos_token, sep_token and cls_token is null");
  }
  parts.post_processor = make_template(single, pair, ids);
}

}  // namespace typecase
