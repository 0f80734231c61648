#pragma once

#include "text/tokenizer_impl.h"
#include "text/vocabulary.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace typecase {

/// Byte-level BPE given as tokens in the order of their merging: tiktoken's and tekken's files.
/// Merges are derived: every way to cut a token into two, tokens by rank.
///
/// The ids of the tokens are `first_id`, `first_id` + 1, …; `specials` are the tokens below it.
/// Throws Error(bad_file) for a token given twice.
TokenizerParts byte_rank_parts(const std::vector<std::string>& tokens,
                               const std::vector<std::string>& specials, std::string_view pattern);

/// tiktoken's format: a line for each token, its bytes in base64, a space, its rank. Ranks must be
/// 0, 1, 2, … in some order.
/// Throws Error(bad_file) with the line, Error(limit).
std::vector<std::string> parse_tiktoken(std::string_view file);
TokenizerParts tiktoken_parts(std::string_view file);

/// Mistral's tekken.json: special tokens first, then the ranks, as many as default_vocab_size says.
/// Throws Error(bad_file) with the JSON pointer, Error(limit).
TokenizerParts parse_tekken(std::string_view file);

/// vocab.txt: a token a line, its id the number of the line.
/// Throws Error(bad_file) with the line, Error(limit).
Vocabulary parse_vocab_txt(std::string_view file);

}  // namespace typecase
