#pragma once

#include "text/models/model.h"

#include <simdjson.h>

#include <memory>

namespace typecase {

/// The model of a tokenizer.json, chosen by "type", or by its shape in files that have none.
std::unique_ptr<Model> read_model(const simdjson::dom::element& root);

std::unique_ptr<Model> read_bpe(const simdjson::dom::element& model);
std::unique_ptr<Model> read_unigram(const simdjson::dom::element& model);
std::unique_ptr<Model> read_wordlevel(const simdjson::dom::element& model);
std::unique_ptr<Model> read_wordpiece(const simdjson::dom::element& model);

}  // namespace typecase
