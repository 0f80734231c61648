#pragma once

#include "text/normalizers/precompiled.h"
#include "text/sentencepiece.h"
#include "text/trie.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace typecase {

/// How SentencePiece itself prepares a text (Kudo and Richardson 2018, arXiv:1808.06226): the
/// character map, longest match first; spaces in a row become one and those at both ends go; one
/// space is put in front (or behind); all are written "▁". Pieces that the user defined stay as
/// they are.
///
/// The `tokenizers` library, which serves the classes of sentencepiece_parts(), does it otherwise.
/// Const and usable from many threads.
class SentencePieceNormalizer {
 public:
  struct Result {
    std::string text;
    std::vector<std::uint32_t> from;  ///< for each byte, and the end: where in the input it is from
  };

  /// Throws Error(bad_file) for a malformed character map.
  explicit SentencePieceNormalizer(const SentencePiece& file);

  /// Throws Error(limit) for a text that grows without measure.
  void normalize(std::string_view input, Result& out) const;

  /// Bytes of the longest piece of the user's that `text` begins with, 0 for none.
  std::size_t user_defined(std::string_view text) const noexcept;

 private:
  struct Step {
    std::string_view by;
    std::size_t bytes;
  };
  Step next(std::string_view text) const;
  void append(std::string_view by, std::size_t from, bool& after_space, Result& out) const;

  std::optional<CharsMap> map_;
  Trie user_;
  std::string space_;
  bool prefix_, suffix_, squeeze_;
};

}  // namespace typecase
