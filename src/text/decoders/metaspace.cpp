#include "text/pretokenizers/metaspace.h"

#include "base/utf8.h"
#include "text/decoders/decoder.h"

namespace typecase {
namespace {

/// The replacement becomes a space; in the first token it vanishes, unless none was put in front.
class MetaspaceStage final : public DecoderStage {
 public:
  MetaspaceStage(DecoderStage& next, char32_t replacement, bool prepended)
      : next_(next), replacement_(replacement), drops_(prepended) {}

  void put(std::string_view fragment) override {
    text_.clear();
    for (std::size_t at = 0; at < fragment.size();) {
      const auto c = decode_utf8(fragment, at);
      if (c.code_point != replacement_) {
        text_.append(fragment, at, c.size);
      } else if (!drops_) {
        text_ += ' ';
      }
      at += c.size;
    }
    if (!text_.empty()) next_.put(text_);
  }
  void end_token() override {
    drops_ = false;
    next_.end_token();
  }
  void finish() override { next_.finish(); }

 private:
  DecoderStage& next_;
  char32_t replacement_;
  bool drops_;
  std::string text_;
};

class MetaspaceDecoder final : public Decoder {
 public:
  explicit MetaspaceDecoder(const MetaspaceOptions& options) : options_(options) {}
  std::unique_ptr<DecoderStage> stage(DecoderStage& next) const override {
    return std::make_unique<MetaspaceStage>(next, options_.replacement,
                                            options_.prepend_scheme != PrependScheme::never);
  }

 private:
  MetaspaceOptions options_;
};

}  // namespace

std::unique_ptr<Decoder> make_metaspace_decoder(const MetaspaceOptions& options) {
  return std::make_unique<MetaspaceDecoder>(options);
}
std::unique_ptr<Decoder> make_metaspace_decoder(const ConfigValue& config) {
  return make_metaspace_decoder(read_metaspace(config));
}

}  // namespace typecase
