#include "text/decoders/decoder.h"
#include "text/decoders/replace_all.h"

#include <optional>

namespace typecase {
namespace {

/// The suffix that ends words becomes a space, in the last token nothing. So every token waits for
/// the next one.
class BpeStage final : public WholeTokenStage {
 public:
  BpeStage(DecoderStage& next, const std::string& suffix)
      : WholeTokenStage(next), suffix_(suffix) {}

  void finish() override {
    if (waiting_) emit(replace_all(*waiting_, suffix_, ""));
    waiting_.reset();
    next_.finish();
  }

 private:
  void token(const std::string& text) override {
    if (waiting_) emit(replace_all(*waiting_, suffix_, " "));
    waiting_ = text;
  }

  const std::string& suffix_;
  std::optional<std::string> waiting_;
};

class BpeDecoder final : public Decoder {
 public:
  explicit BpeDecoder(std::string suffix) : suffix_(std::move(suffix)) {}
  std::unique_ptr<DecoderStage> stage(DecoderStage& next) const override {
    return std::make_unique<BpeStage>(next, suffix_);
  }

 private:
  std::string suffix_;
};

}  // namespace

std::unique_ptr<Decoder> make_bpe_decoder(std::string suffix) {
  return std::make_unique<BpeDecoder>(std::move(suffix));
}
std::unique_ptr<Decoder> make_bpe_decoder(const ConfigValue& config) {
  return make_bpe_decoder(config.at("suffix").text());
}

}  // namespace typecase
