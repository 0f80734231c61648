#include "text/decoders/decoder.h"
#include "text/pattern/pattern.h"

namespace typecase {
namespace {

/// Replaces every match of a pattern, in every token.
class ReplaceStage final : public WholeTokenStage {
 public:
  ReplaceStage(DecoderStage& next, const TextPattern& pattern, const std::string& content)
      : WholeTokenStage(next), pattern_(pattern), content_(content) {}

 private:
  void token(const std::string& text) override {
    pattern_.find(text, matches_);
    check_growth(text.size(), matches_.size(), content_.size());
    out_.clear();
    std::size_t done = 0;
    for (const auto match : matches_) {
      out_.append(text, done, match.begin - done);
      out_ += content_;
      done = match.end;
    }
    out_.append(text, done);
    emit(out_);
  }

  const TextPattern& pattern_;
  const std::string& content_;
  std::vector<TextPattern::Match> matches_;
  std::string out_;
};

class Replace final : public Decoder {
 public:
  Replace(std::unique_ptr<TextPattern> pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}
  std::unique_ptr<DecoderStage> stage(DecoderStage& next) const override {
    return std::make_unique<ReplaceStage>(next, *pattern_, content_);
  }

 private:
  std::unique_ptr<TextPattern> pattern_;
  std::string content_;
};

}  // namespace

std::unique_ptr<Decoder> make_replace_decoder(std::unique_ptr<TextPattern> pattern,
                                              std::string content) {
  return std::make_unique<Replace>(std::move(pattern), std::move(content));
}

std::unique_ptr<Decoder> make_replace_decoder(const ConfigValue& config) {
  return make_replace_decoder(make_pattern(config.at("pattern")), config.at("content").text());
}

}  // namespace typecase
