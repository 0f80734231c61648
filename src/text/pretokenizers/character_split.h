#pragma once

#include "base/utf8.h"
#include "text/pretokenizers/behavior.h"

namespace typecase {

/// Cuts every piece at the characters that `is_match` names; each is a match of its own.
template <class IsMatch>
void split_at_characters(Pieces& pieces, IsMatch&& is_match, SplitBehavior behavior) {
  pieces.spell_bytes();
  const std::string_view text = pieces.text.text;
  std::vector<SplitPart> parts;
  pieces.recut([&](Piece piece, std::vector<Piece>& out) {
    parts.clear();
    std::uint32_t done = piece.begin;
    for (std::uint32_t at = piece.begin; at < piece.end;) {
      const auto c = decode_utf8(text, at);
      const std::uint32_t end = at + static_cast<std::uint32_t>(c.size);
      if (is_match(c.code_point)) {
        if (done < at) parts.push_back({done, at, false});
        parts.push_back({at, end, true});
        done = end;
      }
      at = end;
    }
    if (done < piece.end) parts.push_back({done, piece.end, false});
    arrange(parts, behavior, out);
  });
}

}  // namespace typecase
