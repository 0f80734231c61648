#include "text/decoders/decoder.h"

namespace typecase {
namespace {

using Maker = std::unique_ptr<Decoder> (*)(const ConfigValue&);

constexpr std::pair<std::string_view, Maker> kDecoders[] = {
    {"BPEDecoder", make_bpe_decoder},
    {"ByteFallback", make_byte_fallback},
    {"ByteLevel", make_byte_level_decoder},
    {"CTC", make_ctc},
    {"Fuse", make_fuse},
    {"Metaspace", make_metaspace_decoder},
    {"Replace", make_replace_decoder},
    {"Sequence", make_decoder_sequence},
    {"Strip", make_strip_decoder},
    {"WordPiece", make_word_piece_decoder},
};

}  // namespace

std::unique_ptr<Decoder> make_decoder(const ConfigValue& config) {
  const auto type = config.at("type");
  for (const auto& [name, make] : kDecoders) {
    if (type.text() == name) return make(config);
  }
  throw type.error(Code::unsupported, "the decoder " + quote(type.text()) + " is not supported");
}

}  // namespace typecase
