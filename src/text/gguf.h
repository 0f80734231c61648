#pragma once

#include "base/gguf_tokenizer.h"

#include <typecase/tokenizer.h>

namespace typecase {

/// The tokenizer a GGUF file carries, built as the reference builds it: it can differ from the same
/// model's tokenizer.json (docs/parity.md).
/// Throws Error(unsupported) for a model or pre-tokenizer that is not known, Error(bad_file) for
/// merges that do not fit the tokens; both name the key.
Tokenizer tokenizer_from_gguf(const GgufTokenizer& data);

}  // namespace typecase
