#pragma once

#include "text/config_value.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace typecase {

/// A decoder at work on one sequence of tokens.
///
/// Tokens arrive in fragments: put() any number of times, then end_token(). A stage passes on what
/// is certain, to the next stage, in the same way. Decoding at once and decoding while tokens
/// arrive are therefore the same code, and equal by construction.
class DecoderStage {
 public:
  virtual ~DecoderStage() = default;
  virtual void put(std::string_view fragment) = 0;
  virtual void end_token() = 0;
  virtual void finish() = 0;  ///< after the last token
};

/// Turns token strings into text. One file a type; the table in registry.cpp says which.
/// Const and usable from many threads.
class Decoder {
 public:
  virtual ~Decoder() = default;
  /// A stage that passes on to `next`, which outlives it.
  virtual std::unique_ptr<DecoderStage> stage(DecoderStage& next) const = 0;
  virtual bool is_byte_level() const noexcept { return false; }
  virtual bool has_byte_fallback() const noexcept { return false; }
};

/// The decoder that `config` describes by its "type".
std::unique_ptr<Decoder> make_decoder(const ConfigValue& config);

std::unique_ptr<Decoder> make_byte_level_decoder();
std::unique_ptr<Decoder> make_byte_level_decoder(const ConfigValue& config);
std::unique_ptr<Decoder> make_bpe_decoder(const ConfigValue& config);
std::unique_ptr<Decoder> make_byte_fallback(const ConfigValue& config);
std::unique_ptr<Decoder> make_ctc(const ConfigValue& config);
std::unique_ptr<Decoder> make_metaspace_decoder(const ConfigValue& config);
std::unique_ptr<Decoder> make_word_piece_decoder(const ConfigValue& config);

// The same for classes that build their parts themselves.
struct MetaspaceOptions;
class TextPattern;
std::unique_ptr<Decoder> make_byte_fallback();
std::unique_ptr<Decoder> make_bpe_decoder(std::string suffix);
std::unique_ptr<Decoder> make_decoder_sequence(std::vector<std::unique_ptr<Decoder>> parts);
std::unique_ptr<Decoder> make_fuse();
std::unique_ptr<Decoder> make_metaspace_decoder(const MetaspaceOptions& options);
std::unique_ptr<Decoder> make_replace_decoder(std::unique_ptr<TextPattern> pattern,
                                              std::string content);
std::unique_ptr<Decoder> make_strip_decoder(std::string character, std::uint64_t start,
                                            std::uint64_t stop);
std::unique_ptr<Decoder> make_word_piece_decoder(std::string prefix, bool cleanup);

/// What WordPiece and CTC do to a token when "cleanup" is set: spaces in front of punctuation and
/// contractions go.
std::string clean_up_token(std::string token);
std::unique_ptr<Decoder> make_fuse(const ConfigValue& config);
std::unique_ptr<Decoder> make_replace_decoder(const ConfigValue& config);
std::unique_ptr<Decoder> make_strip_decoder(const ConfigValue& config);
std::unique_ptr<Decoder> make_decoder_sequence(const ConfigValue& config);

/// For decoders that need a whole token at once: collects its fragments.
class WholeTokenStage : public DecoderStage {
 public:
  explicit WholeTokenStage(DecoderStage& next) : next_(next) {}
  void put(std::string_view fragment) override { token_ += fragment; }
  void end_token() override {
    token(token_);
    token_.clear();
  }
  void finish() override { next_.finish(); }

 protected:
  virtual void token(const std::string& text) = 0;
  void emit(std::string_view text) {
    next_.put(text);
    next_.end_token();
  }
  DecoderStage& next_;

 private:
  std::string token_;
};

}  // namespace typecase
