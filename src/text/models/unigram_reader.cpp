#include "base/limits.h"
#include "text/json_document.h"
#include "text/models/model_reader.h"
#include "text/models/model_settings.h"
#include "text/models/unigram.h"

#include <typecase/error.h>

namespace typecase {
namespace {

using simdjson::dom::element;

Error at_entry(std::size_t i, Code code, const std::string& message) {
  return Error(code, message,
               {.file = {}, .offset = {}, .line = {}, .key = "/model/vocab/" + std::to_string(i)});
}

void read_entry(const element& value, std::size_t i, Unigram::Builder& builder) {
  simdjson::dom::array pair;
  std::string_view piece;
  double score = 0;
  if (value.get(pair) != simdjson::SUCCESS || pair.size() != 2 ||
      pair.at(0).get(piece) != simdjson::SUCCESS || pair.at(1).get(score) != simdjson::SUCCESS) {
    throw at_entry(i, Code::bad_file, "expected a pair of a string and a number");
  }
  if (piece.size() > limits::kToken) {
    throw at_entry(i, Code::limit,
                   "the token has " + std::to_string(piece.size()) + " bytes, the limit is " +
                       std::to_string(limits::kToken));
  }
  builder.add(piece, score);
}

}  // namespace

std::unique_ptr<Model> read_unigram(const element& model, const ClassModel& cls) {
  const Json settings = model_settings(model);
  const ConfigValue config(settings, "/model");
  element vocab;
  if (model["vocab"].get(vocab) != simdjson::SUCCESS) {
    throw Error(Code::bad_file, "the key 'vocab' is missing",
                {.file = {}, .offset = {}, .line = {}, .key = "/model"});
  }
  if (!vocab.is_array()) wrong_kind(vocab, "array", "/model/vocab");
  const simdjson::dom::array list(vocab);
  if (list.size() > limits::kVocabulary) {
    throw Error(Code::limit,
                "the vocabulary has " + std::to_string(list.size()) + " entries, the limit is " +
                    std::to_string(limits::kVocabulary),
                {.file = {}, .offset = {}, .line = {}, .key = "/model/vocab"});
  }
  Unigram::Builder builder;
  builder.reserve(list.size());
  for (const element& value : list) {
    read_entry(value, builder.size(), builder);
    if (builder.bytes() > limits::kVocabularyBytes) {
      throw at_entry(
          builder.size() - 1, Code::limit,
          "the vocabulary has more than " + std::to_string(limits::kVocabularyBytes) + " bytes");
    }
  }
  std::optional<TokenId> unk_id;
  if (config.has("unk_id")) {
    const auto id = config.at("unk_id").integer();
    if (id < 0 || static_cast<std::size_t>(id) >= builder.size()) {
      throw config.at("unk_id").error(Code::bad_file,
                                      "unk_id is " + std::to_string(id) + ", the vocabulary has " +
                                          std::to_string(builder.size()) + " entries");
    }
    unk_id = static_cast<TokenId>(id);
  }
  if (cls.kind.empty()) {
    return std::move(builder).build(unk_id, config.flag_or("byte_fallback", false));
  }
  if (!cls.unk_piece.empty()) {
    if (const auto found = builder.find(cls.unk_piece, 0)) {
      return std::move(builder).build(found, false);
    }
  }
  return std::move(builder).build(cls.unk_id ? cls.unk_id : unk_id, false);
}

}  // namespace typecase
