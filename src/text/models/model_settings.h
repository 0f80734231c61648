#pragma once

#include "text/config_value.h"

#include <simdjson.h>

namespace typecase {

/// The members of a model but its vocabulary and merges. Throws Error(bad_file) for a key given
/// twice.
Json model_settings(const simdjson::dom::element& model);

/// Throws Error(limit) when the vocabulary's texts are too long together.
void check_vocabulary_bytes(std::size_t bytes);

}  // namespace typecase
