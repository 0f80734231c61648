#include "text/decoders/decoder.h"

namespace typecase {
namespace {

/// Stages one behind the other, owned together.
class Chain final : public DecoderStage {
 public:
  Chain(const std::vector<std::unique_ptr<Decoder>>& parts, DecoderStage& next) : first_(&next) {
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
      stages_.push_back((*part)->stage(*first_));
      first_ = stages_.back().get();
    }
  }
  void put(std::string_view fragment) override { first_->put(fragment); }
  void end_token() override { first_->end_token(); }
  void finish() override { first_->finish(); }

 private:
  std::vector<std::unique_ptr<DecoderStage>> stages_;
  DecoderStage* first_;
};

class Sequence final : public Decoder {
 public:
  explicit Sequence(std::vector<std::unique_ptr<Decoder>> parts) : parts_(std::move(parts)) {}
  std::unique_ptr<DecoderStage> stage(DecoderStage& next) const override {
    return std::make_unique<Chain>(parts_, next);
  }
  bool is_byte_level() const noexcept override {
    for (const auto& part : parts_) {
      if (part->is_byte_level()) return true;
    }
    return false;
  }
  bool has_byte_fallback() const noexcept override {
    for (const auto& part : parts_) {
      if (part->has_byte_fallback()) return true;
    }
    return false;
  }

 private:
  std::vector<std::unique_ptr<Decoder>> parts_;
};

}  // namespace

std::unique_ptr<Decoder> make_decoder_sequence(std::vector<std::unique_ptr<Decoder>> parts) {
  return std::make_unique<Sequence>(std::move(parts));
}

std::unique_ptr<Decoder> make_decoder_sequence(const ConfigValue& config) {
  std::vector<std::unique_ptr<Decoder>> parts;
  for (const auto& part : config.at("decoders").elements()) parts.push_back(make_decoder(part));
  return make_decoder_sequence(std::move(parts));
}

}  // namespace typecase
