#pragma once

#include "text/postprocessors/postprocessor.h"

namespace typecase {

/// Takes the white space at both ends of every token off its offsets. With add_prefix_space a
/// single space in front of the first token stays counted: it was not in the text.
void trim_offsets(EncodedPart& part, bool add_prefix_space);

}  // namespace typecase
