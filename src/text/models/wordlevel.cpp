#include "text/models/wordlevel.h"

#include <typecase/error.h>

namespace typecase {

WordLevel::WordLevel(Vocabulary vocabulary, std::string unk_token)
    : vocabulary_(std::move(vocabulary)),
      unk_token_(std::move(unk_token)),
      unk_(vocabulary_.find(unk_token_)) {}

std::unique_ptr<ModelWorkspace> WordLevel::make_workspace() const {
  return std::make_unique<ModelWorkspace>();
}

void WordLevel::tokenize(Pieces& pieces, ModelWorkspace&, ModelOutput out) const {
  pieces.spell_bytes();
  for (const Piece piece : pieces.list) {
    const auto id = vocabulary_.find(pieces.at(piece));
    if (!id && !unk_) {
      throw Error(Code::invalid_argument,
                  "the word " + quote(pieces.at(piece)) + " and the unknown token " +
                      quote(unk_token_) + " are not in the vocabulary",
                  {.file = {}, .offset = {}, .line = {}, .key = "/model/unk_token"});
    }
    out.ids.push_back(id ? *id : *unk_);
    if (out.ranges) out.ranges->push_back(piece);
  }
}

}  // namespace typecase
