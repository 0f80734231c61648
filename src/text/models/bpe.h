#pragma once

#include "text/models/bpe_merge.h"
#include "text/models/character_pairs.h"
#include "text/models/merge_table.h"
#include "text/models/model.h"
#include "text/vocabulary.h"

#include <typecase/error.h>

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace typecase {

struct BpeWorkspace;

/// The settings of a BPE model, named as in tokenizer.json.
struct BpeOptions {
  std::string unk_token{};  ///< empty: none
  bool has_unk = false;
  std::string continuing_subword_prefix{};  ///< in front of every symbol of a word but the first
  std::string end_of_word_suffix{};         ///< behind the last symbol of a word
  bool fuse_unk = false;                    ///< neighbouring unknown symbols become one
  bool byte_fallback = false;               ///< unknown symbols become their bytes' tokens <0xNN>
  bool ignore_merges = false;               ///< a word in the vocabulary is that token at once
};

/// A line of the merge list.
struct MergeText {
  std::string_view left, right;
};

/// Byte-pair encoding, with every quirk of the reference: specs in docs/parity.md.
class Bpe final : public Model {
 public:
  /// Adds merges in rank order to a vocabulary.
  class Builder {
   public:
    Builder(Vocabulary vocabulary, BpeOptions options);
    void reserve(std::size_t merges) { merges_.reserve(merges); }
    /// Throws Error(bad_file), without place, for parts or results that are not in the vocabulary.
    void add_merge(std::string_view left, std::string_view right);
    /// The same for several merges, faster: their look-ups wait for memory together. An error's
    /// place is what `place(i)` says of the i-th.   REQUIRES: at most kBatch merges.
    void add_merges(std::span<const MergeText> merges,
                    const std::function<Place(std::size_t)>& place);
    static constexpr std::size_t kBatch = 32;
    const Vocabulary& vocabulary() const noexcept { return vocabulary_; }
    std::unique_ptr<Bpe> build() &&;

   private:
    friend class Bpe;
    TokenId id_of_part(const MergeText& merge, std::string_view part, std::uint64_t hash) const;
    TokenId id_of_result(const MergeText& merge);
    Vocabulary vocabulary_;
    BpeOptions options_;
    MergeTable merges_;
    std::uint32_t next_rank_ = 0;
    void note_pair(const MergeText& merge);
    CharacterPairs pairs_;
    bool merges_byte_tokens_ = false;  // some part is spelled <0xNN>
    TokenId last_result_ = 0;          // most results are this one or the next
    std::string joined_;
  };

  std::unique_ptr<ModelWorkspace> make_workspace() const override;
  void tokenize(Pieces& pieces, ModelWorkspace& workspace, ModelOutput out) const override;
  std::string_view name() const noexcept override { return "BPE"; }
  std::optional<TokenId> id_of(std::string_view token) const noexcept override {
    return vocabulary_.find(token);
  }
  std::string_view token_of(TokenId id) const noexcept override { return vocabulary_.at(id); }
  bool has(TokenId id) const noexcept override { return vocabulary_.has(id); }
  std::size_t size() const noexcept override { return vocabulary_.size(); }
  std::size_t end() const noexcept override { return vocabulary_.end(); }

 private:
  explicit Bpe(Builder&& parts);
  bool works_on_bytes(std::string_view text) const noexcept;
  std::optional<TokenId> whole_word(std::string_view word, bool bytes, std::string& spelled) const;
  void symbols_of_bytes(std::string_view word, Symbols& out) const;
  void symbols_of_characters(std::string_view word, Symbols& out) const;
  bool push_bytes(std::string_view symbol, Symbols& out) const;
  TokenId unknown() const;
  void cut_where_nothing_merges(Pieces& pieces) const;
  void tokenize_detailed(const Pieces& pieces, ModelWorkspace& workspace, ModelOutput out) const;
  void merged(std::string_view word, bool bytes, BpeWorkspace& work) const;

  Vocabulary vocabulary_;
  BpeOptions options_;
  MergeTable merges_;
  std::optional<TokenId> unk_;
  std::array<TokenId, 256> byte_id_{};   // the token of each byte's letter, or -1
  std::array<TokenId, 256> fallback_{};  // the token <0xNN>, or -1
  bool all_bytes_ = true;                // every byte that UTF-8 can hold has a token
  bool has_affixes_ = false;
  CharacterPairs pairs_;
  bool may_cut_ = false;  // what pairs_ says holds for all symbols
};

}  // namespace typecase
