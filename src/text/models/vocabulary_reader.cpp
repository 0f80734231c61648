#include "text/models/vocabulary_reader.h"

#include "base/limits.h"
#include "text/json_document.h"

#include <typecase/error.h>

namespace typecase {
namespace {

using simdjson::dom::element;

Error at(const std::string& pointer, Code code, const std::string& message) {
  return Error(code, message, {.file = {}, .offset = {}, .line = {}, .key = pointer});
}

TokenId read_id(std::string_view token, const element& value, const std::string& pointer) {
  std::int64_t id = 0;
  if (value.get(id) != simdjson::SUCCESS || id < 0) {
    throw at(pointer, Code::bad_file, "the id of " + quote(token) + " is no integer from 0 up");
  }
  if (id >= static_cast<std::int64_t>(limits::kVocabulary)) {
    throw at(pointer, Code::limit,
             "the id of " + quote(token) + " is " + std::to_string(id) + ", the limit is " +
                 std::to_string(limits::kVocabulary - 1));
  }
  return static_cast<TokenId>(id);
}

}  // namespace

Vocabulary read_vocabulary(const element& model) {
  element vocab;
  if (model["vocab"].get(vocab) != simdjson::SUCCESS) {
    throw at("/model", Code::bad_file, "the key 'vocab' is missing");
  }
  return read_vocabulary_object(vocab, "/model/vocab");
}

Vocabulary read_vocabulary_object(const element& vocab, const std::string& pointer) {
  if (!vocab.is_object()) wrong_kind(vocab, "object", pointer);
  const simdjson::dom::object object(vocab);
  Vocabulary out;
  out.reserve(object.size(), object.size() * 8);
  for (const auto& [token, value] : object) {
    const TokenId id = read_id(token, value, pointer);
    if (token.size() > limits::kToken) {
      throw at(pointer, Code::limit,
               "the token " + quote(token) + " has " + std::to_string(token.size()) +
                   " bytes, the limit is " + std::to_string(limits::kToken));
    }
    if (out.add(token, id)) continue;
    if (out.has(id)) {
      throw at(pointer, Code::bad_file,
               "the id " + std::to_string(id) + " is given to " + quote(out.at(id)) + " and to " +
                   quote(token));
    }
    throw at(pointer, Code::bad_file, "the token " + quote(token) + " is given twice");
  }
  return out;
}

}  // namespace typecase
