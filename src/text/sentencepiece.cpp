#include "text/sentencepiece.h"

#include "base/limits.h"
#include "text/protobuf.h"

#include <typecase/error.h>
#include <typecase/utf8.h>

#include <cmath>

namespace typecase {
namespace {

Error at(std::uint64_t offset, Code code, const std::string& message) {
  return Error(code, message, {.file = {}, .offset = offset, .line = {}, .key = {}});
}

std::string text_of(const ProtoReader& field) {
  const auto text = field.bytes();
  if (text.size() > limits::kToken) {
    throw at(field.offset(), Code::limit,
             "the piece " + quote(text) + " has " + std::to_string(text.size()) +
                 " bytes, the limit is " + std::to_string(limits::kToken));
  }
  if (first_invalid_utf8(text)) {
    throw at(field.offset(), Code::bad_file, "the piece " + quote(text) + " is not valid UTF-8");
  }
  return std::string(text);
}

SentencePiece::Piece read_piece(const ProtoReader& field) {
  SentencePiece::Piece out;
  for (ProtoReader m(field.bytes(), field.bytes_offset()); m.next();) {
    if (m.field() == 1) out.text = text_of(m);
    if (m.field() == 2) out.score = m.float32();
    if (m.field() == 3) out.type = m.int32();
  }
  if (std::isnan(out.score)) {
    throw at(field.offset(), Code::bad_file, "the score of " + quote(out.text) + " is no number");
  }
  return out;
}

void read_trainer(const ProtoReader& field, SentencePiece& out) {
  for (ProtoReader m(field.bytes(), field.bytes_offset()); m.next();) {
    switch (m.field()) {
      case 3:
        out.model_type = m.int32();
        break;
      case 24:
        out.treat_whitespace_as_suffix = m.integer() != 0;
        break;
      case 35:
        out.byte_fallback = m.integer() != 0;
        break;
      case 40:
        out.unk_id = m.int32();
        break;
      case 41:
        out.bos_id = m.int32();
        break;
      case 42:
        out.eos_id = m.int32();
        break;
      case 43:
        out.pad_id = m.int32();
        break;
      case 44:
        out.unk_surface = text_of(m);
        break;
      case 45:
        out.unk_piece = text_of(m);
        break;
      case 46:
        out.bos_piece = text_of(m);
        break;
      case 47:
        out.eos_piece = text_of(m);
        break;
      case 48:
        out.pad_piece = text_of(m);
        break;
      default:
        break;
    }
  }
}

void read_normalizer(const ProtoReader& field, SentencePiece& out) {
  for (ProtoReader m(field.bytes(), field.bytes_offset()); m.next();) {
    if (m.field() == 2) out.charsmap = m.bytes();
    if (m.field() == 3) out.add_dummy_prefix = m.integer() != 0;
    if (m.field() == 4) out.remove_extra_whitespaces = m.integer() != 0;
    if (m.field() == 5) out.escape_whitespaces = m.integer() != 0;
  }
}

bool has_charsmap(const ProtoReader& field) {
  bool out = false;
  for (ProtoReader m(field.bytes(), field.bytes_offset()); m.next();) {
    if (m.field() == 2) out = !m.bytes().empty();
  }
  return out;
}

}  // namespace

SentencePiece parse_sentencepiece(std::string_view file) {
  SentencePiece out;
  for (ProtoReader m(file, 0); m.next();) {
    if (m.field() == 1) {
      if (out.pieces.size() == limits::kVocabulary) {
        throw at(m.offset(), Code::limit,
                 "there are more than " + std::to_string(limits::kVocabulary) + " pieces");
      }
      out.pieces.push_back(read_piece(m));
    }
    if (m.field() == 2) read_trainer(m, out);
    if (m.field() == 3) read_normalizer(m, out);
    if (m.field() == 5) out.rewrites_decoded_text = has_charsmap(m);
  }
  if (out.pieces.empty()) {
    throw at(file.size(), Code::bad_file, "there are no pieces; is this a SentencePiece model?");
  }
  return out;
}

}  // namespace typecase
