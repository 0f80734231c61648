#pragma once

#include "text/decoders/decoder.h"
#include "text/sentencepiece_processor.h"

#include <functional>
#include <memory>
#include <set>
#include <string>

namespace typecase {

/// Token strings to text as the reference's MarianTokenizer does: each run of tokens between
/// special ones as SentencePiece decodes pieces, each special token followed by a space; then every
/// ▁ left is a space, and white space at both ends goes.
///
/// SentencePiece drops control pieces and the space that begins a run, shows bytes that are no
/// UTF-8 as U+FFFD, and leaves strings that are no pieces as they are.
std::unique_ptr<Decoder> make_marian_decoder(std::shared_ptr<const SentencePieceProcessor> pieces,
                                             std::set<std::string, std::less<>> specials);

}  // namespace typecase
