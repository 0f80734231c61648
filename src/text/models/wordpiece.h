#pragma once

#include "text/models/model.h"
#include "text/trie.h"
#include "text/vocabulary.h"

#include <string>

namespace typecase {

/// The settings of a WordPiece model, named as in tokenizer.json.
struct WordPieceOptions {
  std::string unk_token = "[UNK]";
  std::string continuing_subword_prefix = "##";  ///< in front of all tokens of a word but the first
  std::uint64_t max_input_chars_per_word = 100;  ///< longer words are unknown
};

/// WordPiece: from the left, always the longest token that fits. A word with a rest that fits
/// nothing is one unknown token.   Schuster and Nakajima 2012.
class WordPiece final : public Model {
 public:
  WordPiece(Vocabulary vocabulary, WordPieceOptions options);

  std::unique_ptr<ModelWorkspace> make_workspace() const override;
  void tokenize(Pieces& pieces, ModelWorkspace& workspace, ModelOutput out) const override;
  std::string_view name() const noexcept override { return "WordPiece"; }
  std::optional<TokenId> id_of(std::string_view token) const noexcept override {
    return vocabulary_.find(token);
  }
  std::string_view token_of(TokenId id) const noexcept override { return vocabulary_.at(id); }
  bool has(TokenId id) const noexcept override { return vocabulary_.has(id); }
  std::size_t size() const noexcept override { return vocabulary_.size(); }
  std::size_t end() const noexcept override { return vocabulary_.end(); }

 private:
  bool cut(std::string_view word, std::uint32_t at, ModelOutput out) const;

  Vocabulary vocabulary_;
  WordPieceOptions options_;
  Trie trie_;
  Trie::Node continuing_;  // where the trie stands behind the prefix …
  bool can_continue_;      // … if any token begins with it
  std::optional<TokenId> unk_;
};

}  // namespace typecase
