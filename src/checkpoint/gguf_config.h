#pragma once

#include "base/gguf_tokenizer.h"
#include "checkpoint/gguf.h"

#include <typecase/json.h>

#include <string>
#include <vector>

namespace typecase {

/// The config.json that the reference makes of a GGUF file's metadata: only the keys its table for
/// the architecture knows. What it ignores (rope.scaling.*, rope_freqs.weight, …) is ignored here,
/// and said in `warnings`.
/// Throws Error(unsupported) for an architecture without a table, listing those that have one.
Json config_from_gguf(const Gguf& file, std::vector<std::string>& warnings);

/// tokenizer.* copied out and checked as base/gguf_tokenizer.h promises. Throws Error(bad_file)
/// naming the key.
GgufTokenizer tokenizer_from_gguf(const Gguf& file);

/// All metadata for people: scalars, and arrays of up to 4096 elements; of longer ones, and of the
/// tokenizer's, only type and length.
Json metadata_of(const Gguf& file);

}  // namespace typecase
