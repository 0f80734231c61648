#pragma once

#include "text/models/model.h"
#include "text/tokenizer_class.h"
#include "text/tokenizer_impl.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace typecase {

/// A SentencePiece model file: what its protobuf says, as far as tokenizing needs it.
struct SentencePiece {
  enum Type : std::int32_t { kNormal = 1, kUnknown, kControl, kUserDefined, kUnused, kByte };
  struct Piece {
    std::string text;
    float score = 0;
    std::int32_t type = kNormal;
  };
  enum ModelType : std::int32_t { kUnigram = 1, kBpe = 2, kWord = 3, kChar = 4 };

  std::vector<Piece> pieces;
  std::int32_t model_type = kUnigram;
  bool byte_fallback = false;
  std::int32_t unk_id = 0, bos_id = 1, eos_id = 2, pad_id = -1;
  std::string unk_piece = "<unk>", bos_piece = "<s>", eos_piece = "</s>", pad_piece = "<pad>";
  int blanks = 100;      ///< <extra_id_99> … <extra_id_0>, which T5's class puts behind the pieces
  std::string charsmap;  ///< normalizer_spec.precompiled_charsmap
  bool add_dummy_prefix = true, remove_extra_whitespaces = true, escape_whitespaces = true;
  bool treat_whitespace_as_suffix = false;
  bool rewrites_decoded_text = false;    ///< denormalizer_spec has a character map
  std::string unk_surface = " \u2047 ";  ///< what the unknown piece is decoded to
};

/// Throws Error(bad_file) with the offset for a malformed file, for pieces that are not UTF-8 and
/// for scores that are no numbers; Error(limit) for too many or too long pieces.
SentencePiece parse_sentencepiece(std::string_view file);

/// The tokenizer that the reference's class `declared` (no "Fast" at its end; empty: the generic
/// one) makes of it: everything but the tokens of tokenizer_config.json. Its own added tokens come
/// behind those: add_sentencepiece_tokens().
/// Throws Error(unsupported) for classes that are not built yet.
TokenizerParts sentencepiece_parts(const SentencePiece& file, std::string_view declared);
void add_sentencepiece_tokens(const SentencePiece& file, std::string_view declared,
                              TokenizerParts& parts);

/// Replace, byte fallback, fuse: how the reference decodes what SentencePiece trained;
/// `strips_first_space`: the space in front of the text was added.
std::unique_ptr<Decoder> make_sentencepiece_decoder(bool byte_fallback, bool strips_first_space);

}  // namespace typecase
