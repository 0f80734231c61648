#include "text/tokenizer_json.h"

#include "base/limits.h"
#include "base/mapped_file.h"
#include "text/json_document.h"
#include "text/models/model_reader.h"
#include "text/shape.h"

#include <simdjson.h>

#include <unordered_set>

namespace typecase {
namespace {

using simdjson::dom::element;

AddedToken read_added_token(const ConfigValue& value) {
  AddedToken token;
  value.at("id").integer();  // must be there, is not obeyed: ids follow from the vocabulary
  token.content = value.at("content").text();
  if (token.content.size() > limits::kToken) {
    throw value.at("content").error(Code::limit,
                                    "the token has " + std::to_string(token.content.size()) +
                                        " bytes, the limit is " + std::to_string(limits::kToken));
  }
  token.single_word = value.at("single_word").flag();
  token.lstrip = value.at("lstrip").flag();
  token.rstrip = value.at("rstrip").flag();
  token.normalized = value.at("normalized").flag();
  token.special = value.at("special").flag();
  return token;
}

/// A member of the top level as Json, null when it is missing.
Json member(const element& root, const char* key) {
  element value;
  return root[key].get(value) == simdjson::SUCCESS ? to_json(value, std::string("/") + key)
                                                   : Json();
}

template <class Part>
std::unique_ptr<Part> make_part(const element& root, const char* key,
                                std::unique_ptr<Part> (*make)(const ConfigValue&)) {
  const Json config = member(root, key);
  return config.is_null() ? nullptr : make(ConfigValue(config, std::string("/") + key));
}

/// The first character map of a normalizer or of a sequence of them.
std::unique_ptr<Normalizer> find_charsmap(const Json& normalizer) {
  const ConfigValue config(normalizer, "/normalizer");
  if (!config.has("type")) return nullptr;
  if (config.at("type").text() == "Precompiled") return make_precompiled(config);
  if (config.at("type").text() != "Sequence") return nullptr;
  for (const auto& part : config.at("normalizers").elements()) {
    if (part.has("type") && part.at("type").text() == "Precompiled") return make_precompiled(part);
  }
  return nullptr;
}

/// Keys are unique; keys that nobody knows are passed over, as the reference does.
void check_keys(const element& root) {
  std::unordered_set<std::string_view> keys;
  for (const auto& [key, value] : simdjson::dom::object(root)) {
    if (!keys.insert(key).second) {
      throw Error(Code::bad_file, "the key " + quote(key) + " is given twice");
    }
  }
}

void read_added_tokens(const element& root, TokenizerParts& parts) {
  const Json list = member(root, "added_tokens");
  if (list.is_null()) return;
  for (const auto& value : ConfigValue(list, "/added_tokens").elements()) {
    parts.added.add(read_added_token(value), *parts.model);
  }
}

}  // namespace

TokenizerParts parse_tokenizer_json(std::string_view text, const ClassModel& cls) {
  if (text.size() > limits::kTokenizerFile) {
    throw Error(Code::limit, "the file has " + std::to_string(text.size()) +
                                 " bytes, the limit is " + std::to_string(limits::kTokenizerFile));
  }
  JsonDocument document(text);
  const element& root = document.root();
  if (!root.is_object()) {
    throw Error(Code::bad_file, "expected an object at the top, found something else");
  }
  check_keys(root);
  TokenizerParts parts;
  parts.source = "tokenizer.json";
  parts.model = read_model(root, cls);
  parts.normalizer = make_part<Normalizer>(root, "normalizer", make_normalizer);
  if (!cls.kind.empty()) parts.charsmap = find_charsmap(member(root, "normalizer"));
  parts.pre_tokenizer = make_part<PreTokenizer>(root, "pre_tokenizer", make_pre_tokenizer);
  parts.post_processor = make_part<PostProcessor>(root, "post_processor", make_post_processor);
  parts.decoder = make_part<Decoder>(root, "decoder", make_decoder);
  read_added_tokens(root, parts);
  if (const Json config = member(root, "truncation"); !config.is_null()) {
    parts.truncation = read_truncation(ConfigValue(config, "/truncation"));
  }
  if (const Json config = member(root, "padding"); !config.is_null()) {
    parts.padding = read_padding(ConfigValue(config, "/padding"));
  }
  return parts;
}

TokenizerParts read_tokenizer_json(const std::string& path, const ClassModel& cls) {
  const MappedFile file(path);
  const auto bytes = file.bytes();
  try {
    return parse_tokenizer_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, cls);
  } catch (const Error& error) {
    throw error.at({.file = path, .offset = {}, .line = {}, .key = {}});
  }
}

Tokenizer Tokenizer::from_file(const std::string& path) {
  return make_tokenizer(read_tokenizer_json(path));
}

}  // namespace typecase
