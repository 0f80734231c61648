#pragma once

#include "text/tokenizer_impl.h"

#include <string>

namespace typecase {

/// The end of a chain of decoder stages: collects the text. Without a decoder the reference joins
/// tokens with one space, with one it joins them with nothing.
class TextSink final : public DecoderStage {
 public:
  TextSink(std::string& out, bool spaces) : out_(out), spaces_(spaces) {}
  void put(std::string_view fragment) override { out_ += fragment; }
  void end_token() override { pending_space_ = spaces_; }
  void finish() override {}
  void begin_token() {
    if (pending_space_) out_ += ' ';
    pending_space_ = false;
  }

 private:
  std::string& out_;
  bool spaces_;
  bool pending_space_ = false;
};

/// Ids in, text out: the decoder's stages behind the look-up of token strings.
class DecodePipe {
 public:
  /// REQUIRES: both outlive this object.
  DecodePipe(const Tokenizer::Impl& parts, std::string& out, bool skip_special_tokens)
      : parts_(parts), sink_(out, parts.decoder == nullptr), skip_(skip_special_tokens) {
    if (parts.decoder) chain_ = parts.decoder->stage(sink_);
  }
  DecodePipe(const DecodePipe&) = delete;
  DecodePipe& operator=(const DecodePipe&) = delete;

  /// Ids nobody has are left out.
  void push(TokenId id) {
    std::string_view token;
    if (const AddedToken* added = parts_.added.find(id)) {
      token = added->shown;
    } else if (parts_.model->has(id)) {
      token = parts_.model->token_of(id);
    } else {
      return;
    }
    if (skip_ && parts_.added.is_special(token)) return;
    if (!chain_) sink_.begin_token();
    DecoderStage& first = chain_ ? *chain_ : sink_;
    first.put(token);
    first.end_token();
  }
  void finish() {
    if (chain_) chain_->finish();
  }

 private:
  const Tokenizer::Impl& parts_;
  TextSink sink_;
  std::unique_ptr<DecoderStage> chain_;
  bool skip_;
};

}  // namespace typecase
