#include "text/decoders/decoder.h"
#include "text/decoders/replace_all.h"

namespace typecase {

std::string clean_up_token(std::string token) {
  constexpr std::pair<std::string_view, std::string_view> kRules[] = {
      {" .", "."},   {" ?", "?"},     {" !", "!"},     {" ,", ","},
      {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},   {" do not", " don't"},
      {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"},
  };
  for (const auto& [from, to] : kRules) {
    if (token.find(from) != std::string::npos) token = replace_all(token, from, to);
  }
  return token;
}

namespace {

struct WordPieceSettings {
  std::string prefix;
  bool cleanup;
};

/// Tokens behind the first lose the prefix, or get a space in front.
class WordPieceStage final : public WholeTokenStage {
 public:
  WordPieceStage(DecoderStage& next, const WordPieceSettings& settings)
      : WholeTokenStage(next), settings_(settings) {}

 private:
  void token(const std::string& text) override {
    std::string out = text;
    if (!first_) {
      if (text.starts_with(settings_.prefix)) {
        out.erase(0, settings_.prefix.size());
      } else {
        out.insert(0, " ");
      }
    }
    first_ = false;
    emit(settings_.cleanup ? clean_up_token(std::move(out)) : out);
  }

  const WordPieceSettings& settings_;
  bool first_ = true;
};

class WordPieceDecoder final : public Decoder {
 public:
  explicit WordPieceDecoder(WordPieceSettings settings) : settings_(std::move(settings)) {}
  std::unique_ptr<DecoderStage> stage(DecoderStage& next) const override {
    return std::make_unique<WordPieceStage>(next, settings_);
  }

 private:
  WordPieceSettings settings_;
};

}  // namespace

std::unique_ptr<Decoder> make_word_piece_decoder(std::string prefix, bool cleanup) {
  return std::make_unique<WordPieceDecoder>(WordPieceSettings{std::move(prefix), cleanup});
}
std::unique_ptr<Decoder> make_word_piece_decoder(const ConfigValue& config) {
  return make_word_piece_decoder(config.at("prefix").text(), config.at("cleanup").flag());
}

}  // namespace typecase
