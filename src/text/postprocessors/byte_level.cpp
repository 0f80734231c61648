#include "base/unicode.h"
#include "base/utf8.h"
#include "text/byte_alphabet.h"
#include "text/postprocessors/postprocessor.h"

#include <algorithm>

namespace typecase {
namespace {

/// Takes the white space at both ends of a token off its offsets. With add_prefix_space a single
/// space in front of the first token stays counted: it was not in the text.
class ByteLevelTrim final : public PostProcessor {
 public:
  ByteLevelTrim(bool trim_offsets, bool add_prefix_space)
      : trim_offsets_(trim_offsets), add_prefix_space_(add_prefix_space) {}

  void process(std::vector<EncodedPart>& parts, bool) const override {
    if (!trim_offsets_) return;
    for (EncodedPart& part : parts) {
      for (std::size_t i = 0; i < part.offsets.size(); ++i) {
        trim(part.tokens[i], i == 0, part.offsets[i]);
      }
    }
  }

 private:
  static bool is_space(char32_t c) {
    return c == byte_alphabet::character(' ') || unicode::is(c, unicode::kWhiteSpace);
  }

  void trim(const std::string& token, bool first, Offsets& at) const {
    std::uint32_t leading = 0, trailing = 0;
    bool only_spaces = true;
    for (std::size_t i = 0; i < token.size();) {
      const auto c = decode_utf8(token, i);
      i += c.size;
      const bool space = is_space(c.code_point);
      only_spaces = only_spaces && space;
      leading += only_spaces;
      trailing = space ? trailing + 1 : 0;
    }
    if (leading > 0) {
      if (leading == 1 && add_prefix_space_ && (first || at.begin == 0)) leading = 0;
      at.begin = std::min(at.begin + leading, at.end);
    }
    if (trailing > 0 && at.end >= trailing) at.end = std::max(at.end - trailing, at.begin);
  }

  bool trim_offsets_;
  bool add_prefix_space_;
};

}  // namespace

std::unique_ptr<PostProcessor> make_byte_level_post_processor(const ConfigValue& config) {
  return std::make_unique<ByteLevelTrim>(config.at("trim_offsets").flag(),
                                         config.at("add_prefix_space").flag());
}

}  // namespace typecase
