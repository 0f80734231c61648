#pragma once

#include "text/models/bpe.h"

#include <string>

namespace typecase {

/// The BPE model of a vocab.json and a merges.txt, with the settings of its class.
/// Throws Error(bad_file) with the file and the line, or the JSON pointer.
std::unique_ptr<Model> read_vocab_and_merges(const std::string& vocab_path,
                                             const std::string& merges_path,
                                             BpeOptions options = {});

/// The same from the files' texts; line numbers only. For tests and fuzzing.
void read_merges(std::string_view text, Bpe::Builder& builder);

}  // namespace typecase
