#include "text/pretokenizers/pretokenizer.h"

namespace typecase {
namespace {

class Sequence final : public PreTokenizer {
 public:
  explicit Sequence(std::vector<std::unique_ptr<PreTokenizer>> parts) : parts_(std::move(parts)) {}
  void split(Pieces& pieces) const override {
    for (const auto& part : parts_) part->split(pieces);
  }

 private:
  std::vector<std::unique_ptr<PreTokenizer>> parts_;
};

}  // namespace

std::unique_ptr<PreTokenizer> make_pre_tokenizer_sequence(
    std::vector<std::unique_ptr<PreTokenizer>> parts) {
  return std::make_unique<Sequence>(std::move(parts));
}

std::unique_ptr<PreTokenizer> make_pre_tokenizer_sequence(const ConfigValue& config) {
  std::vector<std::unique_ptr<PreTokenizer>> parts;
  for (const auto& part : config.at("pretokenizers").elements()) {
    parts.push_back(make_pre_tokenizer(part));
  }
  return make_pre_tokenizer_sequence(std::move(parts));
}

}  // namespace typecase
