#include "text/normalizers/normalizer.h"

namespace typecase {
namespace {

class Sequence final : public Normalizer {
 public:
  explicit Sequence(std::vector<std::unique_ptr<Normalizer>> parts) : parts_(std::move(parts)) {}
  void normalize(AlignedText& text) const override {
    for (const auto& part : parts_) part->normalize(text);
  }

 private:
  std::vector<std::unique_ptr<Normalizer>> parts_;
};

}  // namespace

std::unique_ptr<Normalizer> make_normalizer_sequence(
    std::vector<std::unique_ptr<Normalizer>> parts) {
  return std::make_unique<Sequence>(std::move(parts));
}

std::unique_ptr<Normalizer> make_normalizer_sequence(const ConfigValue& config) {
  std::vector<std::unique_ptr<Normalizer>> parts;
  for (const auto& part : config.at("normalizers").elements()) {
    parts.push_back(make_normalizer(part));
  }
  return make_normalizer_sequence(std::move(parts));
}

}  // namespace typecase
