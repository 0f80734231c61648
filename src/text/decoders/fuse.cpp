#include "text/decoders/decoder.h"

namespace typecase {
namespace {

/// Joins all tokens into one.
class FuseStage final : public DecoderStage {
 public:
  explicit FuseStage(DecoderStage& next) : next_(next) {}
  void put(std::string_view fragment) override { next_.put(fragment); }
  void end_token() override {}
  void finish() override {
    next_.end_token();
    next_.finish();
  }

 private:
  DecoderStage& next_;
};

class Fuse final : public Decoder {
 public:
  std::unique_ptr<DecoderStage> stage(DecoderStage& next) const override {
    return std::make_unique<FuseStage>(next);
  }
};

}  // namespace

std::unique_ptr<Decoder> make_fuse() { return std::make_unique<Fuse>(); }
std::unique_ptr<Decoder> make_fuse(const ConfigValue&) { return make_fuse(); }

}  // namespace typecase
