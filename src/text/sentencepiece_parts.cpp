/// SentencePiece files as the reference's classes read them.
#include "text/class_parts.h"
#include "text/derived_merges.h"
#include "text/models/unigram.h"
#include "text/normalizers/normalizer.h"
#include "text/normalizers/precompiled.h"
#include "text/pattern/pattern.h"
#include "text/pretokenizers/behavior.h"
#include "text/pretokenizers/metaspace.h"
#include "text/sentencepiece.h"

#include <typecase/error.h>

namespace typecase {
namespace {

constexpr const char* kSpace = "\u2581";  // stands for the space

std::string blank(int number) { return "<extra_id_" + std::to_string(number) + ">"; }

/// Equal pieces: the last one counts.
Vocabulary vocabulary_of(const SentencePiece& file) {
  Vocabulary out;
  out.reserve(file.pieces.size(), file.pieces.size() * 8);
  for (std::size_t id = file.pieces.size(); id-- > 0;) {
    out.add(file.pieces[id].text, static_cast<TokenId>(id));
  }
  return out;
}

/// Merges in the order of the pieces; the file's scores are not asked.
std::unique_ptr<Model> bpe_model(const SentencePiece& file, BpeOptions options) {
  options.fuse_unk = true;
  Bpe::Builder builder(vocabulary_of(file), std::move(options));
  add_derived_merges_by_id(builder, DerivedOrder::by_length);
  return std::move(builder).build();
}

std::unique_ptr<Model> unigram_model(const SentencePiece& file, TokenId unk_id, bool byte_fallback,
                                     int blanks = 0) {
  Unigram::Builder builder;
  builder.reserve(file.pieces.size());
  for (const auto& piece : file.pieces) builder.add(piece.text, piece.score);
  for (int i = blanks; i-- > 0;) builder.add(blank(i), 0);
  return std::move(builder).build(unk_id, byte_fallback);
}

void build_generic(const SentencePiece& file, TokenizerParts& parts) {
  if (file.model_type == SentencePiece::kUnigram) {
    parts.model = unigram_model(file, file.unk_id, file.byte_fallback);
  } else {
    parts.model = bpe_model(
        file, {.unk_token = file.unk_piece, .has_unk = true, .byte_fallback = file.byte_fallback});
  }
  std::vector<std::unique_ptr<Normalizer>> steps;
  if (!file.charsmap.empty()) steps.push_back(make_precompiled(CharsMap(file.charsmap)));
  steps.push_back(make_replace(make_literal(" "), kSpace));
  parts.normalizer = make_normalizer_sequence(std::move(steps));
  parts.decoder = make_sentencepiece_decoder(file.byte_fallback, false);
  if (file.bos_id >= 0) parts.bos_token = file.bos_piece;
  if (file.eos_id >= 0) parts.eos_token = file.eos_piece;
  if (file.unk_id >= 0) parts.unk_token = file.unk_piece;
}

void build_llama(const SentencePiece& file, TokenizerParts& parts) {
  parts.model = bpe_model(file, {.byte_fallback = true});
  parts.pre_tokenizer = make_metaspace({.prepend_scheme = PrependScheme::first, .split = false});
  parts.decoder = make_sentencepiece_decoder(true, true);
  parts.bos_token = "<s>";
  parts.eos_token = "</s>";
  parts.unk_token = "<unk>";
}

void build_gemma(const SentencePiece& file, TokenizerParts& parts) {
  parts.model = bpe_model(file, {.unk_token = "<unk>", .has_unk = true, .byte_fallback = true});
  set_gemma_parts(parts);
  parts.bos_token = "<bos>";
  parts.eos_token = "<eos>";
  parts.unk_token = "<unk>";
  parts.pad_token = "<pad>";
}

void build_t5(const SentencePiece& file, TokenizerParts& parts) {
  parts.model = unigram_model(file, 2, false, file.blanks);
  if (!file.charsmap.empty()) parts.normalizer = make_precompiled(CharsMap(file.charsmap));
  set_unigram_parts(true, parts);
  parts.eos_token = "</s>";
  parts.unk_token = "<unk>";
  parts.pad_token = "<pad>";
}

struct Class {
  std::string_view name;
  void (*build)(const SentencePiece& file, TokenizerParts& parts);
};
constexpr Class kClasses[] = {
    {"", build_generic},
    {"PreTrainedTokenizer", build_generic},
    {"TokenizersBackend", build_generic},
    {"LlamaTokenizer", build_llama},
    {"GemmaTokenizer", build_gemma},
    {"T5Tokenizer", build_t5},
};

}  // namespace

std::unique_ptr<Decoder> make_sentencepiece_decoder(bool byte_fallback, bool strips_first_space) {
  std::vector<std::unique_ptr<Decoder>> parts;
  parts.push_back(make_replace_decoder(make_literal(kSpace), " "));
  if (byte_fallback) parts.push_back(make_byte_fallback());
  if (byte_fallback) parts.push_back(make_fuse());
  if (strips_first_space) parts.push_back(make_strip_decoder(" ", 1, 0));
  return make_decoder_sequence(std::move(parts));
}

TokenizerParts sentencepiece_parts(const SentencePiece& file, std::string_view declared) {
  for (const Class& known : kClasses) {
    if (known.name != declared) continue;
    TokenizerParts parts;
    parts.source = "SentencePiece";
    known.build(file, parts);
    return parts;
  }
  throw Error(
      Code::unsupported,
      "a SentencePiece model with the tokenizer class " + quote(declared) +
          " is not supported; supported are LlamaTokenizer, GemmaTokenizer, T5Tokenizer and "
          "the generic class; convert it to tokenizer.json",
      {.file = {}, .offset = {}, .line = {}, .key = "/tokenizer_class"});
}

/// Control pieces are special tokens, user-defined ones are not; T5's blanks come before.
void add_sentencepiece_tokens(const SentencePiece& file, std::string_view declared,
                              TokenizerParts& parts) {
  const auto add = [&](const std::string& content, bool special) {
    if (parts.added.id_of(content)) return;
    parts.added.add({.content = content, .normalized = false, .special = special}, *parts.model);
  };
  if (declared == "GemmaTokenizer") add("<mask>", true);
  for (const auto& piece : file.pieces) {
    if (piece.type == SentencePiece::kControl) add(piece.text, true);
    if (piece.type == SentencePiece::kUserDefined) add(piece.text, false);
  }
  if (declared != "T5Tokenizer") return;
  for (int i = 0; i < file.blanks; ++i) add(blank(i), true);
}

}  // namespace typecase
