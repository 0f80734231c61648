#include "base/utf8.h"
#include "text/decoders/decoder.h"

#include <optional>

namespace typecase {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The byte that <0xNN> names. "+N" counts as a number too, as in the reference.
std::optional<char> byte_of(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return std::nullopt;
  const int high = token[3] == '+' ? 0 : hex_digit(token[3]);
  const int low = hex_digit(token[4]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

/// A run of tokens <0xNN> becomes the text its bytes spell, if all of it is valid UTF-8; else one
/// U+FFFD for every byte.
class ByteFallbackStage final : public WholeTokenStage {
 public:
  using WholeTokenStage::WholeTokenStage;

  void finish() override {
    end_run();
    next_.finish();
  }

 private:
  void token(const std::string& text) override {
    if (const auto byte = byte_of(text)) {
      run_ += *byte;
    } else {
      end_run();
      emit(text);
    }
  }

  void end_run() {
    if (run_.empty()) return;
    if (!first_invalid_utf8(run_)) {
      emit(run_);
    } else {
      for (std::size_t i = 0; i < run_.size(); ++i) emit("\uFFFD");
    }
    run_.clear();
  }

  std::string run_;
};

class ByteFallback final : public Decoder {
 public:
  std::unique_ptr<DecoderStage> stage(DecoderStage& next) const override {
    return std::make_unique<ByteFallbackStage>(next);
  }
  bool has_byte_fallback() const noexcept override { return true; }
};

}  // namespace

std::unique_ptr<Decoder> make_byte_fallback() { return std::make_unique<ByteFallback>(); }
std::unique_ptr<Decoder> make_byte_fallback(const ConfigValue&) { return make_byte_fallback(); }

}  // namespace typecase
