#include "base/utf8.h"
#include "text/byte_alphabet.h"
#include "text/decoders/decoder.h"

namespace typecase {
namespace {

bool is_ascii(std::string_view bytes) noexcept {
  unsigned char all = 0;
  for (const char byte : bytes) all |= static_cast<unsigned char>(byte);
  return all < 0x80;
}

/// Joins the bytes that all tokens spell and reads them as UTF-8: one U+FFFD for each maximal
/// invalid part. A token with a character outside the alphabet gives its own UTF-8.
class ByteLevelStage final : public DecoderStage {
 public:
  explicit ByteLevelStage(DecoderStage& next) : next_(next) {}

  void put(std::string_view fragment) override { token_ += fragment; }

  void end_token() override {
    if (!byte_alphabet::append_bytes(bytes_, token_)) bytes_ += token_;
    token_.clear();
    if (is_ascii(bytes_)) {
      if (!bytes_.empty()) next_.put(bytes_);
      bytes_.clear();
    } else {
      pass_on(false);
    }
  }

  void finish() override {
    pass_on(true);
    next_.end_token();
    next_.finish();
  }

 private:
  /// Everything but an incomplete character at the end, which may still become whole.
  void pass_on(bool at_end) {
    text_.clear();
    std::size_t at = 0;
    while (at < bytes_.size()) {
      const auto c = decode_utf8(bytes_, at);
      if (c.truncated && !at_end) break;
      if (c.valid) {
        text_.append(bytes_, at, c.size);
      } else {
        append_utf8(text_, kReplacement);
      }
      at += c.size;
    }
    bytes_.erase(0, at);
    if (!text_.empty()) next_.put(text_);
  }

  DecoderStage& next_;
  std::string token_;
  std::string bytes_;
  std::string text_;
};

class ByteLevelDecoder final : public Decoder {
 public:
  std::unique_ptr<DecoderStage> stage(DecoderStage& next) const override {
    return std::make_unique<ByteLevelStage>(next);
  }
  bool is_byte_level() const noexcept override { return true; }
};

}  // namespace

std::unique_ptr<Decoder> make_byte_level_decoder() { return std::make_unique<ByteLevelDecoder>(); }
std::unique_ptr<Decoder> make_byte_level_decoder(const ConfigValue&) {
  return make_byte_level_decoder();
}

}  // namespace typecase
