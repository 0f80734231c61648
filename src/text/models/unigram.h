#pragma once

#include "text/models/model.h"
#include "text/trie.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace typecase {

/// Unigram language model: of all ways to cut a piece into vocabulary entries the one with the
/// highest sum of scores.   Kudo 2018, arXiv:1804.10959; Viterbi search over byte positions.
///
/// A character that no entry of one character covers may also be an unknown token, with the score
/// min(scores) − 10. Neighbouring unknown tokens are joined; with byte_fallback the joined text
/// becomes its bytes' tokens <0xNN> if all of them exist.
class Unigram final : public Model {
 public:
  /// Entries in the order of their ids. A text may come twice; its last id then counts.
  class Builder {
   public:
    void reserve(std::size_t entries) { scores_.reserve(entries); }
    void add(std::string_view piece, double score);
    std::size_t size() const noexcept { return scores_.size(); }
    std::size_t bytes() const noexcept { return bytes_.size(); }
    /// The first entry with this text and score.
    std::optional<TokenId> find(std::string_view piece, double score) const noexcept;
    /// Throws Error(bad_file), without place, for an unk_id outside the vocabulary.
    std::unique_ptr<Unigram> build(std::optional<TokenId> unk_id, bool byte_fallback) &&;

   private:
    friend class Unigram;
    std::string bytes_;
    std::vector<std::uint32_t> begins_;
    std::vector<double> scores_;
  };

  std::unique_ptr<ModelWorkspace> make_workspace() const override;
  void tokenize(Pieces& pieces, ModelWorkspace& workspace, ModelOutput out) const override;
  std::string_view name() const noexcept override { return "Unigram"; }
  std::optional<TokenId> id_of(std::string_view token) const noexcept override;
  std::string_view token_of(TokenId id) const noexcept override;
  bool has(TokenId id) const noexcept override;
  std::size_t size() const noexcept override { return scores_.size(); }
  std::size_t end() const noexcept override { return scores_.size(); }
  bool shows_text(TokenId id) const noexcept override { return unk_id_ && id == *unk_id_; }

 private:
  struct Workspace;
  Unigram(Builder&& parts, std::optional<TokenId> unk_id, bool byte_fallback);
  void search(std::string_view text, Workspace& work) const;
  void collect(std::string_view text, Workspace& work) const;
  void emit(std::string_view text, std::uint32_t at, ModelOutput out) const;

  std::string bytes_;
  std::vector<std::uint32_t> begins_;  // one more than there are entries
  std::vector<double> scores_;
  Trie trie_;
  std::optional<TokenId> unk_id_;
  double unk_score_ = 0;
  bool byte_fallback_;
  std::array<TokenId, 256> fallback_{};  // the token <0xNN>, or −1
};

}  // namespace typecase
