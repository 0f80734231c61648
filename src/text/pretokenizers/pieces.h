#pragma once

#include "text/aligned_text.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace typecase {

/// Bytes [begin, end) of the text they belong to.
struct Piece {
  std::uint32_t begin;
  std::uint32_t end;
};

/// A text on its way through the pre-tokenizers: one buffer and the pieces it is cut into.
///
/// Pieces are in order and not empty; bytes in no piece have been dropped.
struct Pieces {
  AlignedText text;
  std::vector<Piece> list;
  bool starts_text = false;  ///< the buffer begins where the caller's text begins
  /// The text stands for its bytes: spelling it in the byte alphabet is put off, because models
  /// that work on bytes never need it. Components that look at characters call spell_bytes() first.
  bool as_bytes = false;

  std::string_view at(Piece piece) const {
    return std::string_view(text.text).substr(piece.begin, piece.end - piece.begin);
  }

  /// Makes the whole text one piece.
  void restart() {
    list.clear();
    if (!text.text.empty()) list.push_back({0, static_cast<std::uint32_t>(text.text.size())});
    as_bytes = false;
  }

  /// Does what `as_bytes` put off: every byte becomes its letter of the byte alphabet.
  void spell_bytes();

  /// Replaces every piece by what `cut(piece, out)` appends to `out`.
  template <class Cut>
  void recut(Cut&& cut) {
    next_.clear();
    for (const Piece piece : list) cut(piece, next_);
    list.swap(next_);
  }

 private:
  std::vector<Piece> next_;
};

}  // namespace typecase
