#pragma once

#include "text/models/model.h"
#include "text/vocabulary.h"

#include <string>

namespace typecase {

/// Every piece is a token of the vocabulary, or the unknown token.
class WordLevel final : public Model {
 public:
  WordLevel(Vocabulary vocabulary, std::string unk_token);

  std::unique_ptr<ModelWorkspace> make_workspace() const override;
  void tokenize(Pieces& pieces, ModelWorkspace& workspace, ModelOutput out) const override;
  std::string_view name() const noexcept override { return "WordLevel"; }
  std::optional<TokenId> id_of(std::string_view token) const noexcept override {
    return vocabulary_.find(token);
  }
  std::string_view token_of(TokenId id) const noexcept override { return vocabulary_.at(id); }
  bool has(TokenId id) const noexcept override { return vocabulary_.has(id); }
  std::size_t size() const noexcept override { return vocabulary_.size(); }
  std::size_t end() const noexcept override { return vocabulary_.end(); }

 private:
  Vocabulary vocabulary_;
  std::string unk_token_;
  std::optional<TokenId> unk_;
};

}  // namespace typecase
