#include "text/models/model_reader.h"
#include "text/models/model_settings.h"
#include "text/models/vocabulary_reader.h"
#include "text/models/wordlevel.h"
#include "text/models/wordpiece.h"

namespace typecase {

std::unique_ptr<Model> read_wordpiece(const simdjson::dom::element& model, const ClassModel& cls) {
  const Json settings = model_settings(model);
  const ConfigValue config(settings, "/model");
  WordPieceOptions options;
  options.unk_token = config.at("unk_token").text();
  options.continuing_subword_prefix = config.at("continuing_subword_prefix").text();
  const auto longest = config.at("max_input_chars_per_word");
  if (longest.integer() < 0) {
    throw longest.error(Code::bad_file,
                        "expected 0 or more, found " + std::to_string(longest.integer()));
  }
  options.max_input_chars_per_word = static_cast<std::uint64_t>(longest.integer());
  if (!cls.kind.empty()) options = cls.word_piece;
  Vocabulary vocabulary = read_vocabulary(model);
  check_vocabulary_bytes(vocabulary.bytes());
  return std::make_unique<WordPiece>(std::move(vocabulary), std::move(options));
}

std::unique_ptr<Model> read_wordlevel(const simdjson::dom::element& model, const ClassModel&) {
  const Json settings = model_settings(model);
  const ConfigValue config(settings, "/model");
  std::string unk_token = config.at("unk_token").text();
  return std::make_unique<WordLevel>(read_vocabulary(model), std::move(unk_token));
}

}  // namespace typecase
