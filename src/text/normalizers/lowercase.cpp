#include "text/unicode/lowercase.h"

#include "text/normalizers/characters.h"
#include "text/normalizers/normalizer.h"

namespace typecase {

void lowercase_text(AlignedText& text) {
  Rewriter out(text);
  for (std::size_t at = 0; at < text.text.size();) {
    const auto c = decode_utf8(text.text, at);
    out.put(unicode::lowercase(c.code_point), 0);
    if (c.code_point == unicode::kDottedI) out.put(char32_t{0x307}, 1);
    at += c.size;
  }
  out.finish();
}

namespace {

class Lowercase final : public Normalizer {
 public:
  void normalize(AlignedText& text) const override { lowercase_text(text); }
};

}  // namespace

std::unique_ptr<Normalizer> make_lowercase() { return std::make_unique<Lowercase>(); }
std::unique_ptr<Normalizer> make_lowercase(const ConfigValue&) { return make_lowercase(); }

}  // namespace typecase
