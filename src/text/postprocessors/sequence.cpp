#include "text/postprocessors/postprocessor.h"

namespace typecase {
namespace {

class Sequence final : public PostProcessor {
 public:
  explicit Sequence(std::vector<std::unique_ptr<PostProcessor>> all) : all_(std::move(all)) {}
  void process(std::vector<EncodedPart>& parts, bool add_special_tokens) const override {
    for (const auto& one : all_) one->process(parts, add_special_tokens);
  }
  std::size_t added_tokens(bool pair) const override {
    std::size_t sum = 0;
    for (const auto& one : all_) sum += one->added_tokens(pair);
    return sum;
  }

 private:
  std::vector<std::unique_ptr<PostProcessor>> all_;
};

}  // namespace

std::unique_ptr<PostProcessor> make_post_processor_sequence(const ConfigValue& config) {
  std::vector<std::unique_ptr<PostProcessor>> all;
  for (const auto& one : config.at("processors").elements())
    all.push_back(make_post_processor(one));
  return std::make_unique<Sequence>(std::move(all));
}

}  // namespace typecase
