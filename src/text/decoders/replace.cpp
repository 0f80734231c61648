#include "text/decoders/decoder.h"

namespace typecase {
namespace {

/// Replaces a literal text in every token.
class ReplaceStage final : public WholeTokenStage {
 public:
  ReplaceStage(DecoderStage& next, const std::string& pattern, const std::string& content)
      : WholeTokenStage(next), pattern_(pattern), content_(content) {}

 private:
  void token(const std::string& text) override {
    out_.clear();
    std::size_t done = 0;
    while (!pattern_.empty()) {
      const auto found = text.find(pattern_, done);
      if (found == std::string::npos) break;
      out_.append(text, done, found - done);
      out_ += content_;
      done = found + pattern_.size();
    }
    out_.append(text, done);
    emit(out_);
  }

  const std::string& pattern_;
  const std::string& content_;
  std::string out_;
};

class Replace final : public Decoder {
 public:
  Replace(std::string pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}
  std::unique_ptr<DecoderStage> stage(DecoderStage& next) const override {
    return std::make_unique<ReplaceStage>(next, pattern_, content_);
  }

 private:
  std::string pattern_;
  std::string content_;
};

}  // namespace

std::unique_ptr<Decoder> make_replace_decoder(const ConfigValue& config) {
  const auto pattern = config.at("pattern");
  if (!pattern.has("String")) {
    throw pattern.error(Code::unsupported,
                        "Replace with a regular expression is not supported yet");
  }
  return std::make_unique<Replace>(pattern.at("String").text(), config.at("content").text());
}

}  // namespace typecase
