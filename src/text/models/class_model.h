#pragma once

#include "text/models/bpe.h"
#include "text/models/wordpiece.h"

#include <optional>
#include <string>

namespace typecase {

/// The settings that a tokenizer class gives its model in place of the file's.
struct ClassModel {
  std::string kind{};  ///< "BPE", "WordPiece", "Unigram"; empty: the file decides everything
  BpeOptions bpe{};
  WordPieceOptions word_piece{};
  std::optional<TokenId> unk_id{};  ///< of Unigram …
  std::string unk_piece{};          ///< … or that of this piece, if it is there with the score 0
};

}  // namespace typecase
