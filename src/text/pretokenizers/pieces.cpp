#include "text/pretokenizers/pieces.h"

#include "base/utf8.h"
#include "text/byte_alphabet.h"

namespace typecase {

void Pieces::spell_bytes() {
  if (!as_bytes) return;
  as_bytes = false;
  AlignedText spelled;
  std::string letter;
  for (Piece& piece : list) {
    const auto begin = static_cast<std::uint32_t>(spelled.text.size());
    for (std::size_t i = piece.begin; i < piece.end; ++i) {
      letter.clear();
      append_utf8(letter, byte_alphabet::character(static_cast<unsigned char>(text.text[i])));
      spelled.append(letter, text.span(i, i + 1), text.tracked());
    }
    piece = {begin, static_cast<std::uint32_t>(spelled.text.size())};
  }
  text = std::move(spelled);
}

}  // namespace typecase
