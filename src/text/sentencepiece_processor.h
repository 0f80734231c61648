#pragma once

#include "text/sentencepiece_normalizer.h"
#include "text/trie.h"

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace typecase {

/// SentencePiece itself: text to the pieces of a model, as the library of that name cuts it. For
/// classes of the reference that call the library; the others read the file's contents into a
/// model of their own (sentencepiece_parts()).
///
/// Unigram (Kudo 2018, arXiv:1804.10959): the cut with the highest sum of scores, summed in
/// float32. BPE (Sennrich et al. 2016, arXiv:1508.07909): of all neighbours whose joined text is a
/// piece, the pair with the highest score is joined, the leftmost of equals, until none is left.
/// Neighbouring unknown characters make one part, or its bytes' pieces <0xNN>.
///
/// Const and usable from many threads, one Work each.
class SentencePieceProcessor {
 public:
  struct Part {
    std::string_view text;     ///< of the piece, or the unknown text
    std::uint32_t begin, end;  ///< bytes of the input it stands for
  };
  /// Buffers of one call; the parts point into it.
  struct Work {
    struct Cut {
      std::uint32_t begin, end;  // in the normalized text
      std::int32_t id;
    };
    struct Node {  // the best way to a byte position
      float score = 0;
      std::uint32_t begin = 0xFFFFFFFF;  // where its last piece begins
      std::int32_t id = 0;
    };
    SentencePieceNormalizer::Result normalized;
    std::vector<Node> best;
    std::vector<Cut> cuts;
    std::vector<Part> parts;
  };

  /// Throws Error(bad_file) for what SentencePiece refuses to load (a piece without text or given
  /// twice, no or several unknown pieces, byte_fallback without all 256 pieces), Error(unsupported)
  /// for models that are neither Unigram nor BPE and for those that rewrite decoded text.
  explicit SentencePieceProcessor(SentencePiece file);

  /// The parts of `text`, in order. Valid until the next call with this `work`.
  const std::vector<Part>& encode(std::string_view text, Work& work) const;

  const SentencePiece& file() const noexcept { return file_; }
  /// The piece with this text, else the unknown one.
  std::int32_t id_of(std::string_view piece) const noexcept;
  std::int32_t type_of(std::int32_t id) const noexcept {
    return file_.pieces[static_cast<std::size_t>(id)].type;
  }

 private:
  void check_pieces();
  void check_bytes() const;
  void search(std::string_view text, Work& work) const;
  void merge(std::string_view text, Work& work) const;
  void split_unused(std::string_view text, Work::Cut cut,
                    const std::map<std::string_view, std::size_t>& joined, Work& work) const;
  void collect(Work& work) const;

  SentencePiece file_;
  SentencePieceNormalizer normalizer_;
  Trie trie_;      // pieces that the search may use
  Trie reserved_;  // control, unknown and byte pieces
  std::int32_t unk_ = -1;
  float lowest_, highest_;
  std::array<std::string, 256> bytes_;  // <0xNN>
};

}  // namespace typecase
