#pragma once

#include "text/added_tokens.h"
#include "text/decoders/decoder.h"
#include "text/models/model.h"
#include "text/normalizers/normalizer.h"
#include "text/postprocessors/postprocessor.h"
#include "text/pretokenizers/pretokenizer.h"

#include <typecase/tokenizer.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace typecase {

/// Buffers of one call, kept for the next.
struct TokenizerWorkspace {
  std::unique_ptr<ModelWorkspace> model;
  Pieces pieces;
  AlignedText normalized;
  std::vector<AddedTokens::Section> raw_sections;
  std::vector<AddedTokens::Section> sections;
  std::vector<Piece> ranges;
  bool split_special = false;  ///< special tokens in the text are text
};

/// The parts of a tokenizer, in the order text meets them. Any but the model may be null.
struct TokenizerParts {
  std::unique_ptr<Normalizer> normalizer;
  std::unique_ptr<PreTokenizer> pre_tokenizer;
  std::unique_ptr<Model> model;
  std::unique_ptr<PostProcessor> post_processor;
  std::unique_ptr<Decoder> decoder;
  AddedTokens added;

  std::string source;
  std::optional<Truncation> truncation;  ///< of a tokenizer.json that stands alone
  std::optional<Padding> padding;
  std::optional<std::string> bos_token, eos_token, pad_token, unk_token;
  std::optional<std::string> sep_token, cls_token, mask_token;
  /// The file's character map on its own, for classes that build their normalizer with it.
  std::unique_ptr<Normalizer> charsmap;
  std::optional<std::string> chat_template;  ///< the only one, or the one called "default"
  /// {name, source}; empty where the model has at most one, which then has no name.
  std::vector<std::pair<std::string, std::string>> named_chat_templates;
  /// {name, token}: variables of chat templates beside bos, eos, unk and pad.
  std::vector<std::pair<std::string, std::string>> token_variables;
  std::optional<std::vector<std::string>> chat_control_tokens;
  std::optional<std::int64_t> model_max_length;
  bool pads_left = false;
  bool split_special_tokens = false;
  bool clean_up = false;           ///< clean_up_tokenization_spaces
  bool clean_up_even_bpe = false;  ///< …_for_bpe_even_though_it_will_corrupt_output
};

struct Tokenizer::Impl : TokenizerParts {
  explicit Impl(TokenizerParts parts) : TokenizerParts(std::move(parts)) {}

  /// A workspace nobody else has; given back by release().
  std::unique_ptr<TokenizerWorkspace> borrow() const;
  void release(std::unique_ptr<TokenizerWorkspace> workspace) const;

  /// Everything up to the post-processor.
  EncodedPart encode(std::string_view text, bool detailed, bool split_special) const;
  /// Normaliser, pre-tokeniser and model alone: no added token is cut out.
  Tokens encode_plain(std::string_view text) const;

 private:
  void encode_section(TokenizerWorkspace& work, bool starts_text, EncodedPart& out) const;
  void run_model(TokenizerWorkspace& work, EncodedPart& out) const;

  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<TokenizerWorkspace>> idle_;
};

/// Makes a Tokenizer of its parts; the added tokens are made ready.
Tokenizer make_tokenizer(TokenizerParts parts);

}  // namespace typecase
