#include "text/models/model_settings.h"

#include "base/limits.h"
#include "text/json_document.h"

namespace typecase {

Json model_settings(const simdjson::dom::element& model) {
  Json settings = Json::object();
  for (const auto& [key, value] : simdjson::dom::object(model)) {
    if (key == "vocab" || key == "merges") continue;
    if (settings.has(key)) {
      throw Error(Code::bad_file, "the key " + quote(key) + " is given twice",
                  {.file = {}, .offset = {}, .line = {}, .key = "/model"});
    }
    settings.set(key, to_json(value, "/model/" + std::string(key)));
  }
  return settings;
}

void check_vocabulary_bytes(std::size_t bytes) {
  if (bytes <= limits::kVocabularyBytes) return;
  throw Error(Code::limit,
              "the vocabulary has " + std::to_string(bytes) + " bytes, the limit is " +
                  std::to_string(limits::kVocabularyBytes),
              {.file = {}, .offset = {}, .line = {}, .key = "/model/vocab"});
}

}  // namespace typecase
