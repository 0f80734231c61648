#include "text/decoders/decoder.h"
#include "text/decoders/replace_all.h"

#include <optional>

namespace typecase {
namespace {

struct CtcSettings {
  std::string pad_token;
  std::string word_delimiter_token;
  bool cleanup;
};

/// Connectionist temporal classification: of equal tokens in a row one stays, the blank goes.
/// Graves et al. 2006, doi:10.1145/1143844.1143891.
class CtcStage final : public WholeTokenStage {
 public:
  CtcStage(DecoderStage& next, const CtcSettings& settings)
      : WholeTokenStage(next), settings_(settings) {}

 private:
  void token(const std::string& text) override {
    if (last_ == text) return;
    last_ = text;
    std::string out = replace_all(text, settings_.pad_token, "");
    if (settings_.cleanup) {
      out = replace_all(clean_up_token(std::move(out)), settings_.word_delimiter_token, " ");
    }
    if (!out.empty()) emit(out);
  }

  const CtcSettings& settings_;
  std::optional<std::string> last_;
};

class Ctc final : public Decoder {
 public:
  explicit Ctc(CtcSettings settings) : settings_(std::move(settings)) {}
  std::unique_ptr<DecoderStage> stage(DecoderStage& next) const override {
    return std::make_unique<CtcStage>(next, settings_);
  }

 private:
  CtcSettings settings_;
};

}  // namespace

std::unique_ptr<Decoder> make_ctc(const ConfigValue& config) {
  return std::make_unique<Ctc>(CtcSettings{config.at("pad_token").text(),
                                           config.at("word_delimiter_token").text(),
                                           config.at("cleanup").flag()});
}

}  // namespace typecase
