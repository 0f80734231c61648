#include "text/postprocessors/trim_offsets.h"

namespace typecase {
namespace {

/// Takes white space off the offsets, if asked for. Adds nothing.
class ByteLevelTrim final : public PostProcessor {
 public:
  ByteLevelTrim(bool trim_offsets, bool add_prefix_space)
      : trim_offsets_(trim_offsets), add_prefix_space_(add_prefix_space) {}

  void process(std::vector<EncodedPart>& parts, bool) const override {
    if (!trim_offsets_) return;
    for (EncodedPart& part : parts) trim_offsets(part, add_prefix_space_);
  }

 private:
  bool trim_offsets_;
  bool add_prefix_space_;
};

}  // namespace

std::unique_ptr<PostProcessor> make_byte_level_post_processor(const ConfigValue& config) {
  return std::make_unique<ByteLevelTrim>(config.at("trim_offsets").flag(),
                                         config.at("add_prefix_space").flag());
}

}  // namespace typecase
