#pragma once

#include <span>
#include <string>

namespace typecase {

/// A tokenizer.json that must be refused: the good one of good_tokenizer() with one text replaced
/// (or all of it, when `replace` is empty), and the exact message.
struct BadTokenizer {
  const char* name;
  const char* replace;
  std::string by;
  std::string message;
};

/// A small file that loads.
std::string good_tokenizer();

std::span<const BadTokenizer> bad_tokenizers();

}  // namespace typecase
