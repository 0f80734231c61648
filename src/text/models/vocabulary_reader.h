#pragma once

#include "text/vocabulary.h"

#include <simdjson.h>

namespace typecase {

/// The object "vocab" of a model: token → id. Throws Error(bad_file) for tokens or ids given twice
/// and for ids that are no ids, Error(limit) for what is too large; all name the token.
Vocabulary read_vocabulary(const simdjson::dom::element& model);

/// The same of the object itself, as vocab.json holds it; `pointer` is its place.
Vocabulary read_vocabulary_object(const simdjson::dom::element& vocab, const std::string& pointer);

}  // namespace typecase
