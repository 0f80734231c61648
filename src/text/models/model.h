#pragma once

#include "text/pretokenizers/pieces.h"

#include <typecase/token.h>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace typecase {

/// What one thread needs while it tokenizes: caches and buffers of a model. Made by the model,
/// used by one thread at a time.
class ModelWorkspace {
 public:
  virtual ~ModelWorkspace() = default;
};

/// Where a model writes its tokens.
struct ModelOutput {
  Tokens& ids;
  /// The bytes of Pieces::text each token stands for; nullptr when nobody asks.
  std::vector<Piece>* ranges = nullptr;
};

/// Turns pieces into token ids.   Const and usable from many threads, one workspace each.
class Model {
 public:
  virtual ~Model() = default;

  virtual std::unique_ptr<ModelWorkspace> make_workspace() const = 0;

  /// Appends the tokens of all pieces. May spell pieces in the byte alphabet.
  /// Throws Error(invalid_argument) for text the model cannot express (no unknown token).
  virtual void tokenize(Pieces& pieces, ModelWorkspace& workspace, ModelOutput out) const = 0;

  virtual std::string_view name() const noexcept = 0;  ///< "BPE", "Unigram", …
  virtual std::optional<TokenId> id_of(std::string_view token) const noexcept = 0;
  /// The string of `id`; empty for ids nobody has.
  virtual std::string_view token_of(TokenId id) const noexcept = 0;
  virtual bool has(TokenId id) const noexcept = 0;
  /// Whether results show the text that the token covers instead of the token's own string.
  virtual bool shows_text(TokenId id) const noexcept {
    (void)id;
    return false;
  }
  virtual std::size_t size() const noexcept = 0;  ///< tokens
  virtual std::size_t end() const noexcept = 0;   ///< one above the highest id
};

}  // namespace typecase
