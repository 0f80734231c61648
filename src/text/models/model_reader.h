#pragma once

#include "text/models/class_model.h"
#include "text/models/model.h"

#include <simdjson.h>

#include <memory>

namespace typecase {

/// The model of a tokenizer.json, chosen by "type", or by its shape in files that have none.
/// `cls` holds the settings of a class that does not take them from the file.
std::unique_ptr<Model> read_model(const simdjson::dom::element& root, const ClassModel& cls = {});

std::unique_ptr<Model> read_bpe(const simdjson::dom::element& model, const ClassModel& cls);
std::unique_ptr<Model> read_unigram(const simdjson::dom::element& model, const ClassModel& cls);
std::unique_ptr<Model> read_wordlevel(const simdjson::dom::element& model, const ClassModel& cls);
std::unique_ptr<Model> read_wordpiece(const simdjson::dom::element& model, const ClassModel& cls);

}  // namespace typecase
