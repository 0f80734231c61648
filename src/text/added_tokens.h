#pragma once

#include "text/models/model.h"
#include "text/normalizers/normalizer.h"
#include "text/token_finder.h"

#include <typecase/token.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace typecase {

/// A token that is cut out of the text before the model sees it.
struct AddedToken {
  std::string content;
  bool single_word = false;  ///< only between characters that are not of a word
  bool lstrip = false;       ///< swallows white space to its left
  bool rstrip = false;       ///< swallows white space to its right
  bool normalized = true;    ///< looked for in the normalized text
  bool special = false;      ///< hidden by skip_special_tokens
  /// How it is decoded: the normalized content of a token with `normalized`, else the content.
  std::string shown{};
  friend bool operator==(const AddedToken&, const AddedToken&) = default;
};

/// The added tokens of a tokenizer, and how they are found.
class AddedTokens {
 public:
  /// A stretch of text: an added token, or what lies between.
  struct Section {
    std::uint32_t begin;
    std::uint32_t end;
    std::optional<TokenId> id;
  };

  /// Adds one token. Its id is the model's if the model has the content, else the next free one;
  /// empty contents and exact repetitions are skipped. Returns its id.
  std::optional<TokenId> add(const AddedToken& token, const Model& model);

  /// Prepares the search; after the last add().
  void finish(const Normalizer* normalizer);

  /// Cuts the raw text at the tokens with normalized: false …
  void cut_raw(std::string_view text, bool split_special, std::vector<Section>& out) const {
    cut(text, raw_, split_special, out);
  }
  /// … and the normalized text at the others. `split_special`: special tokens are found, and then
  /// left in the text.
  void cut_normalized(std::string_view text, bool split_special, std::vector<Section>& out) const {
    cut(text, normalized_, split_special, out);
  }

  /// The added token with this id, or nullptr.   REQUIRES: after finish().
  const AddedToken* find(TokenId id) const {
    const auto row = static_cast<std::size_t>(id);
    return id < 0 || row >= at_.size() ? nullptr : at_[row];
  }
  std::optional<TokenId> id_of(std::string_view content) const;
  bool is_special(std::string_view content) const { return special_.contains(content); }
  const std::map<TokenId, AddedToken>& all() const noexcept { return by_id_; }

 private:
  void cut(std::string_view text, const TokenFinder& finder, bool split_special,
           std::vector<Section>& out) const;

  std::map<TokenId, AddedToken> by_id_;
  std::vector<const AddedToken*> at_;  // by id: most ids are asked for and are none
  std::map<std::string, TokenId, std::less<>> by_content_;
  std::set<std::string, std::less<>> special_;
  TokenFinder raw_;
  TokenFinder normalized_;
};

}  // namespace typecase
