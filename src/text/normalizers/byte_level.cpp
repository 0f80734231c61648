#include "base/utf8.h"
#include "text/byte_alphabet.h"
#include "text/normalizers/normalizer.h"

namespace typecase {
namespace {

/// Every byte becomes its letter of the byte alphabet.
class ByteLevelNormalizer final : public Normalizer {
 public:
  void normalize(AlignedText& text) const override {
    AlignedText out;
    std::string letter;
    for (std::size_t i = 0; i < text.text.size(); ++i) {
      letter.clear();
      append_utf8(letter, byte_alphabet::character(static_cast<unsigned char>(text.text[i])));
      out.append(letter, text.span(i, i + 1), text.tracked());
    }
    text.text.swap(out.text);
    text.origin.swap(out.origin);
  }
};

}  // namespace

std::unique_ptr<Normalizer> make_byte_level_normalizer(const ConfigValue&) {
  return std::make_unique<ByteLevelNormalizer>();
}

}  // namespace typecase
