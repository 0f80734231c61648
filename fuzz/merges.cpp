/// A merges.txt: any bytes end in a model or an Error that names a line.
#include "text/merges_file.h"

#include <typecase/error.h>

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace typecase;
  Vocabulary vocabulary;
  TokenId next = 0;
  for (const char* token : {"a", "b", "c", "#", "aa", "ab", "abc", "##", "aab", "bc", "aaaa"}) {
    vocabulary.add(token, next++);
  }
  Bpe::Builder builder(std::move(vocabulary), {});
  try {
    read_merges({reinterpret_cast<const char*>(data), size}, builder);
  } catch (const Error& error) {
    if (!error.place().line) std::abort();
    return 0;
  }
  const auto model = std::move(builder).build();
  const auto workspace = model->make_workspace();
  Pieces pieces;
  pieces.text.assign("aaaaaaabcabcabbcaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", 0, false);
  pieces.restart();
  Tokens ids;
  model->tokenize(pieces, *workspace, {ids});
  std::string back;
  for (const TokenId id : ids) back += model->token_of(id);
  if (back != pieces.text.text) std::abort();
  return 0;
}
