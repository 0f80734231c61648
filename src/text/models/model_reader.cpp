#include "text/models/model_reader.h"

#include "text/json_document.h"

#include <typecase/error.h>

namespace typecase {
namespace {

using simdjson::dom::element;
using Reader = std::unique_ptr<Model> (*)(const element&, const ClassModel&);

constexpr std::pair<std::string_view, Reader> kModels[] = {
    {"BPE", read_bpe},
    {"Unigram", read_unigram},
    {"WordLevel", read_wordlevel},
    {"WordPiece", read_wordpiece},
};

/// Old files have no type; the reference then tries the models one after the other.
std::string type_of(const element& model) {
  element type;
  if (model["type"].get(type) == simdjson::SUCCESS) {
    if (!type.is_string()) wrong_kind(type, "string", "/model/type");
    return std::string(std::string_view(type));
  }
  if (model["merges"].error() == simdjson::SUCCESS) return "BPE";
  if (model["max_input_chars_per_word"].error() == simdjson::SUCCESS) return "WordPiece";
  element vocab;
  const bool list = model["vocab"].get(vocab) == simdjson::SUCCESS && vocab.is_array();
  return list ? "Unigram" : "WordLevel";
}

}  // namespace

std::unique_ptr<Model> read_model(const element& root, const ClassModel& cls) {
  element model;
  if (root["model"].get(model) != simdjson::SUCCESS) {
    throw Error(Code::bad_file, "the key 'model' is missing");
  }
  if (!model.is_object()) wrong_kind(model, "object", "/model");
  const std::string type = type_of(model);
  if (!cls.kind.empty() && type != cls.kind) {
    throw Error(Code::unsupported,
                "the tokenizer class of tokenizer_config.json expects a model of the type " +
                    quote(cls.kind) + ", found " + quote(type),
                {.file = {}, .offset = {}, .line = {}, .key = "/model/type"});
  }
  for (const auto& [name, read] : kModels) {
    if (type == name) return read(model, cls);
  }
  throw Error(Code::unsupported, "the model " + quote(type) + " is not supported",
              {.file = {}, .offset = {}, .line = {}, .key = "/model/type"});
}

}  // namespace typecase
