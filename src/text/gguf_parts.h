#pragma once

#include "base/gguf_tokenizer.h"
#include "text/models/bpe.h"
#include "text/tokenizer_impl.h"

#include <memory>
#include <string>
#include <string_view>

namespace typecase {

/// The pre-tokenizer for a value of tokenizer.ggml.pre, nullptr for those that change nothing.
/// Throws Error(unsupported) for a value nobody knows.
std::unique_ptr<PreTokenizer> gguf_split(std::string_view pre);

/// The merges of the file, or those its scores imply.
void add_gguf_merges(const GgufTokenizer& data, Bpe::Builder& builder);

/// Adds a special token, as the reference's classes do with those they bring along.
void add_special(TokenizerParts& parts, const std::string& content);

// Everything but added tokens of the file and the template, by tokenizer.ggml.model.
void build_gguf_llama(const GgufTokenizer& data, TokenizerParts& parts);
void build_gguf_gemma(const GgufTokenizer& data, TokenizerParts& parts);
void build_gguf_t5(const GgufTokenizer& data, TokenizerParts& parts);
void build_gguf_bert(const GgufTokenizer& data, TokenizerParts& parts);

}  // namespace typecase
