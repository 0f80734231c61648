#pragma once

#include "text/config_value.h"
#include "text/postprocessors/postprocessor.h"

#include <typecase/tokenizer.h>

namespace typecase {

/// The "truncation" and "padding" of a tokenizer.json.
Truncation read_truncation(const ConfigValue& config);
Padding read_padding(const ConfigValue& config);

/// Cuts the one or two encoded texts so that with `added` special tokens to come they fit.
/// Throws Error(invalid_argument) when they cannot be made to.
void truncate(std::vector<EncodedPart>& parts, const Truncation& truncation, std::size_t added);

/// Fills the encoding up; never cuts. `longest` is the length of the longest in the batch.
void pad(Encoding& encoding, const Padding& padding, std::size_t longest);

}  // namespace typecase
